import { describe, expect, test } from 'bun:test'
import { parse } from 'yaml'
import type { WorldModel, WorldProvider } from '../../api/catalogue.ts'
import { keyEntry, modelEntry, upstreamEntry } from './config-entry.ts'

const groq: WorldProvider = {
  id: 'groq',
  name: 'Groq',
  documentation: null,
  keyVariable: 'GROQ_API_KEY',
  address: 'https://api.groq.com/openai/v1',
  apis: ['chat'],
  reach: 'address',
  why: null,
  models: 3,
  isLocal: false,
  upstreams: [],
  keyless: [],
}

const model = (lacks: WorldModel['lacks']): WorldModel => ({
  id: 'groq/openai/gpt-oss-120b:free',
  provider: 'groq',
  model: 'openai/gpt-oss-120b:free',
  name: 'GPT OSS',
  released: null,
  contextTokens: null,
  outputTokens: null,
  input: null,
  output: null,
  tools: null,
  reasoning: null,
  openWeights: null,
  stage: null,
  price: null,
  usable: lacks === null,
  why: '',
  lacks,
  as: null,
  local: null,
})

describe('what to write into hearth.yaml', () => {
  const cases: readonly (readonly [string, Partial<WorldProvider>, unknown])[] = [
    ['a vendor', {}, { provider: 'groq', apiKey: '${GROQ_API_KEY}' }],
    [
      'one without a usual variable',
      { id: 'some-vendor', keyVariable: null },
      { provider: 'some-vendor', apiKey: '${SOME_VENDOR_API_KEY}' },
    ],
    [
      'one whose variable nothing can refer to',
      { id: '302ai', keyVariable: '302AI_API_KEY' },
      { provider: '302ai', apiKey: '${_302AI_API_KEY}' },
    ],
    ['one whose name has a dot', { id: 'wafer.ai', keyVariable: 'K' }, { provider: 'wafer.ai', apiKey: '${K}' }],
    ['one whose name is a word of YAML', { id: 'on', keyVariable: 'K' }, { provider: 'on', apiKey: '${K}' }],
    [
      'one with an address for each account',
      { reach: 'own_address', address: 'https://${ACCOUNT}.test/v1' },
      { provider: 'groq', baseUrl: 'https://${ACCOUNT}.test/v1', apiKey: '${GROQ_API_KEY}' },
    ],
    ['one on this machine', { id: 'ollama', isLocal: true }, { provider: 'ollama' }],
  ]
  test.each(cases)('for %s is an entry of upstreams', (_, more, entry) => {
    expect(parse(upstreamEntry({ ...groq, ...more })?.yaml ?? '')).toEqual({ upstreams: [entry] })
  })

  test('for one that cannot be reached is nothing', () => {
    expect(upstreamEntry({ ...groq, reach: 'none' })).toBeNull()
  })

  const lacking: readonly (readonly [WorldModel['lacks'], unknown])[] = [
    ['upstream', { upstreams: [{ provider: 'groq', apiKey: '${GROQ_API_KEY}' }] }],
    ['key', { apiKey: '${GROQ_API_KEY}' }],
    ['offer', { models: ['openai/gpt-oss-120b:free'] }],
    ['egress', { egress: { cloudText: 'scrub' } }],
    ['address', null],
    ['permission', null],
    ['answer', null],
    [null, null],
  ]
  test.each(lacking)('where a model lacks %p is what helps', (lacks, wanted) => {
    const entry = modelEntry(model(lacks), groq)
    expect(entry === null ? null : parse(entry.yaml)).toEqual(wanted)
  })

  test('tells which variable the key stands in, for a key that is added too', () => {
    expect([upstreamEntry(groq)?.variable, keyEntry({ ...groq, keyVariable: null }).variable]).toEqual([
      'GROQ_API_KEY',
      'GROQ_API_KEY',
    ])
  })
})
