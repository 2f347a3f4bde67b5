import { describe, expect, test } from 'bun:test'
import { keyId, modelName, upstreamName } from '#kernel/ids.ts'
import type { Caller, RequestRecord } from '#kernel/words.ts'
import { silentLogger } from '#platform/log/logger.ts'
import { anyEstimate } from '../../test/env/purse.ts'
import { createPassage } from './passage.ts'
import type { PassagePorts } from './ports.ts'

const caller: Caller = {
  key: keyId('abc'),
  name: 'abc',
  limits: { requestsPerMinute: null, tokensPerMinute: null, concurrency: null },
  may: () => true,
  mayUse: () => true,
  onRevoke: () => ({ [Symbol.dispose]: () => {} }),
}
const at = { from: '127.0.0.1', isLocalSocket: false, setIdleTimeout: () => {} }
const way = { endpoint: 'chat/completions', scope: 'inference' } as const
const nothing = { promptTokens: null, completionTokens: null, cachedTokens: null }

function setUp(overrides: Partial<PassagePorts> = {}) {
  const told: string[] = []
  const rows: RequestRecord[] = []
  let mono = 0
  const ports: PassagePorts = {
    gate: { admit: () => caller },
    purse: {
      reserve: () => ({
        ok: true,
        headers: { 'x-limit': '1' },
        isBounded: false,
        hold: {
          tokens: 10,
          micros: 50,
          grow: () => true,
          settle: ({ tokens, micros }) => told.push(`settle ${tokens} for ${micros}`),
          release: () => told.push('release'),
        },
      }),
    },
    ledger: {
      isFull: false,
      append: (record) => {
        told.push('row')
        rows.push(record)
      },
    },
    prices: { costMicros: () => 7, boundMicros: () => 50 },
    onEnd: () => told.push('end'),
    ...overrides,
  }
  const passage = createPassage(ports, { now: () => 1000, mono: () => (mono += 10) }, silentLogger)
  return { told, rows, passage, begin: () => passage.begin(new Request('http://x/'), at, way) }
}

describe('an exchange', () => {
  test('writes its row first, then gives everything back in reverse, once', () => {
    const { told, rows, passage, begin } = setUp()
    const exchange = begin()
    exchange.model = modelName('m')
    exchange.reserve(anyEstimate)
    exchange.attempt(upstreamName('up'), 'real')
    exchange.target()
    exchange.hold(() => told.push('first held'))
    exchange.hold(() => told.push('last held'))
    exchange.firstOutput()
    const ended = {
      status: 200,
      outcome: 'complete',
      usage: { ...nothing, promptTokens: 3, completionTokens: 4 },
      reason: null,
    } as const
    exchange.end(ended)
    exchange.end(ended)
    expect(told).toEqual(['row', 'settle 7 for 7', 'last held', 'first held', 'end'])
    expect(rows).toMatchObject([
      { model: 'm', upstream: 'up', upstreamModel: 'real', costMicros: 7, outcome: 'complete', at: 1000 },
    ])
    expect([passage.open, exchange.headers['x-limit']]).toEqual([0, '1'])
  })

  test('that asked nobody gives its reservation back whole', () => {
    const { told, begin } = setUp()
    const exchange = begin()
    exchange.reserve(anyEstimate)
    exchange.end({ status: 503, outcome: 'failed', usage: nothing, reason: 'model_loading' })
    expect(told).toContain('release')
  })

  test('ends although the disk takes no row and a giver-back throws', () => {
    const { told, passage, begin } = setUp({
      ledger: {
        isFull: false,
        append: () => {
          throw new Error('disk full')
        },
      },
    })
    const exchange = begin()
    exchange.hold(() => told.push('given back'))
    exchange.hold(() => {
      throw new Error('broken')
    })
    exchange.end({ status: 200, outcome: 'complete', usage: nothing, reason: null })
    expect(told).toEqual(['given back', 'end'])
    expect(passage.open).toBe(0)
  })

  test('gives back at once what is held after its end', () => {
    const { begin } = setUp()
    const exchange = begin()
    exchange.end({ status: 499, outcome: 'aborted', usage: nothing, reason: 'client_gone' })
    let isGivenBack = false
    exchange.hold(() => {
      isGivenBack = true
    })
    expect(isGivenBack).toBe(true)
  })
})

test('a limit is told with its amount and when to come back', () => {
  const { begin } = setUp({
    purse: {
      reserve: () => ({
        ok: false,
        limit: 'requestsPerMinute',
        subject: { kind: 'key', id: 'abc' },
        amount: 30,
        retryAfterMs: 1500,
        headers: {},
      }),
    },
  })
  expect(() => begin().reserve(anyEstimate)).toThrow('This key may use 30 requests per minute')
})

test('nothing begins while no row could be written', () => {
  const { begin, passage } = setUp({ ledger: { isFull: true, append: () => {} } })
  expect(begin).toThrow('journal is full')
  expect(passage.open).toBe(0)
})
