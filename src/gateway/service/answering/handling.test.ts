import { expect, test } from 'bun:test'
import { upstreamDeployment, upstreamName } from '#kernel/ids.ts'
import type { Locality } from '#kernel/words.ts'
import type { Json } from '#protocol/conversation/conversation.ts'
import type { Target } from '../../core/choose.ts'
import { handlingOf } from './handling.ts'
import { ollamaLanes } from './lanes.ts'

const name = upstreamName('up')

function asked(locality: Locality | null, baseUrl: string): Json {
  const body = { model: 'm', messages: [{ role: 'user', content: 'Hi' }], think: false, options: { top_k: 40 } }
  const lane = ollamaLanes['ollama/chat']
  const target: Target = {
    key: 'up/m',
    deployment: upstreamDeployment(name),
    upstream: name,
    model: 'm',
    locality,
    baseUrl,
    query: '',
    headers: {},
    splitThink: false,
    apis: ['chat'],
    weight: 1,
    priority: 0,
    contextTokens: null,
    costPerMillion: null,
  }
  const ask = lane.read(new TextEncoder().encode(JSON.stringify(body)))
  const facts = () => {
    throw new Error('nothing is answered')
  }
  const handling = handlingOf({ lane, ask, target, facts, keeping: null, forwarded: {} })
  const outbound = handling.outbound({ baseUrl, token: null, release: () => {} })
  return JSON.parse(new TextDecoder().decode(outbound.body as Uint8Array)) as Json
}

const places: readonly (readonly [Locality | null, string, boolean])[] = [
  ['cloud', 'https://api.vendor.example/v1', true],
  ['cloud', 'http://api.vendor.example/v1', true],
  [null, 'https://api.vendor.example/v1', true],
  [null, 'http://10.0.0.5:8000/v1', false],
  ['lan', 'https://gpu.example.org/v1', false],
]
test.each(places)('a translated request for %p at %s is for a vendor: %p', (locality, baseUrl, isVendor) => {
  const body = asked(locality, baseUrl)
  const isForEngine = 'top_k' in body && 'chat_template_kwargs' in body
  expect(isForEngine).toBe(!isVendor)
})
