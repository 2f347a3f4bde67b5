import { expect, test } from 'bun:test'
import { upstreamDeployment, upstreamName } from '#kernel/ids.ts'
import type { Locality } from '#kernel/words.ts'
import type { Api } from '#protocol/conversation/dialect.ts'
import type { Json } from '#protocol/conversation/conversation.ts'
import type { Target } from '../../core/choose.ts'
import { handlingOf } from './handling.ts'
import { embeddingLane, ollamaLanes } from './lanes.ts'

const name = upstreamName('up')

function targetOf(locality: Locality | null, baseUrl: string, apis: readonly Api[] = ['chat']): Target {
  return {
    key: 'up/m',
    deployment: upstreamDeployment(name),
    upstream: name,
    model: 'm',
    locality,
    baseUrl,
    query: '',
    headers: {},
    splitThink: false,
    apis,
    weight: 1,
    priority: 0,
    contextTokens: null,
    costPerMillion: null,
  }
}

const facts = () => {
  throw new Error('nothing is answered')
}

function asked(locality: Locality | null, baseUrl: string): Json {
  const body = { model: 'm', messages: [{ role: 'user', content: 'Hi' }], think: false, options: { top_k: 40 } }
  const lane = ollamaLanes['ollama/chat']
  const target = targetOf(locality, baseUrl)
  const ask = lane.read(new TextEncoder().encode(JSON.stringify(body)))
  const handling = handlingOf({ lane, ask, target, facts, keeping: null, longest: null, forwarded: {} })
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

test.each([
  [['chat'], true],
  [['responses'], true],
  [['messages', 'chat'], true],
  [['messages'], false],
] as const)('what an upstream of %j says to a request for vectors passes as it is: %p', (apis, passes) => {
  const ask = embeddingLane.read(new TextEncoder().encode('{"model":"m","input":"x"}'))
  const target = targetOf('lan', 'http://10.0.0.5/v1', apis)
  const handling = handlingOf({ lane: embeddingLane, ask, target, facts, keeping: null, longest: null, forwarded: {} })
  expect(handling.passesRefusals).toBe(passes)
})
