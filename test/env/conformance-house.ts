import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { startModelUpstream, type ModelUpstream, type PlayedApiName } from '../fakes/model-upstream/start.ts'
import type { Clients } from './conformance-clients.ts'
import { startHouse, type House } from './house.ts'

/** A house before one deterministic model for each API. */
export interface ConformanceHouse extends AsyncDisposable, Clients {
  readonly house: House
  readonly upstreams: Readonly<Record<PlayedApiName, ModelUpstream>>
}

/**
 * As callers name them. `engine` takes what engines take, `vendor` is a cloud; of Anthropic's models one that wants a
 * budget of thought and one that thinks as it sees fit.
 */
export const models = {
  engine: 'engine/model',
  vendor: 'vendor/gpt-5.1',
  responses: 'responses/gpt-5.1',
  budget: 'claude/claude-sonnet-4-5',
  adaptive: 'claude/claude-opus-4-8',
} as const
export type ModelKind = keyof typeof models

export const upstreamOf: Readonly<Record<ModelKind, PlayedApiName>> = {
  engine: 'chat',
  vendor: 'vendor-chat',
  responses: 'responses',
  budget: 'messages',
  adaptive: 'messages',
}

export async function startConformanceHouse(config = ''): Promise<ConformanceHouse> {
  const upstreams = {
    chat: startModelUpstream({ api: 'chat', models: ['model'] }),
    'vendor-chat': startModelUpstream({ api: 'vendor-chat', models: ['gpt-5.1'] }),
    responses: startModelUpstream({ api: 'responses', models: ['gpt-5.1'] }),
    messages: startModelUpstream({ api: 'messages', models: ['claude-sonnet-4-5', 'claude-opus-4-8'] }),
  }
  const { chat, responses, messages, 'vendor-chat': vendor } = upstreams
  const close = async (): Promise<void> => {
    for (const upstream of Object.values(upstreams)) await upstream[Symbol.asyncDispose]()
  }
  const house = await startHouse({
    config: `egress: { cloudText: raw }
upstreams:
  - { name: engine, baseUrl: "${chat.url}", apiKey: "${chat.key}", locality: lan }
  - { name: vendor, baseUrl: "${vendor.url}", apiKey: "${vendor.key}", locality: cloud }
  - { name: responses, baseUrl: "${responses.url}", apiKey: "${responses.key}", locality: lan, apis: [responses] }
  - { name: claude, kind: anthropic, baseUrl: "${messages.url}", apiKey: "${messages.key}", locality: lan }
${config}`,
  }).catch(async (error: unknown) => {
    await close()
    throw error
  })
  return {
    house,
    upstreams,
    openai: new OpenAI({ baseURL: `${house.url}/v1`, apiKey: house.adminKey, maxRetries: 0 }),
    anthropic: new Anthropic({ baseURL: house.url, apiKey: house.adminKey, maxRetries: 0 }),
    async [Symbol.asyncDispose]() {
      await house[Symbol.asyncDispose]()
      await close()
    },
  }
}
