/** What a relay owes whatever its parts do: one end of the exchange, one end of the stream, nobody left behind. */
import { afterEach, expect, test } from 'bun:test'
import { keyId } from '#kernel/ids.ts'
import type { Caller, RequestRecord } from '#kernel/words.ts'
import type { Exchange } from '#passage/exchange.ts'
import { createPassage } from '#passage/passage.ts'
import { systemClock } from '#platform/clock.ts'
import type { Chunk } from '#platform/egress/contract.ts'
import { silentLogger } from '#platform/log/logger.ts'
import type { Carrier } from '#protocol/conversation/carrier.ts'
import { createEventSplitter } from '#protocol/conversation/sse-split.ts'
import { unknownUsage } from '#protocol/openai/usage.ts'
import { Interruptions } from '../asking/interruptions.ts'
import { chatLane } from '../answering/lanes.ts'
import type { Source } from './prelude.ts'
import { StreamRelay } from './stream-relay.ts'
import { StreamWatchman } from './stream-watchman.ts'
import type { Witness } from '../asking/witness.ts'
import { noLimits, noPrices } from '../../../../test/env/purse.ts'

const caller: Caller = {
  key: keyId('abc'),
  name: 'abc',
  limits: { requestsPerMinute: null, tokensPerMinute: null, concurrency: null },
  may: () => true,
  mayUse: () => true,
  onRevoke: () => ({ [Symbol.dispose]: () => {} }),
}
const watchman = new StreamWatchman(systemClock)
afterEach(() => {
  expect(watchman.count).toBe(0)
})

function begun(): { readonly exchange: Exchange; readonly rows: RequestRecord[]; readonly open: () => number } {
  const rows: RequestRecord[] = []
  const passage = createPassage(
    {
      gate: { admit: () => caller },
      purse: noLimits,
      ledger: { isFull: false, append: (row) => void rows.push(row) },
      prices: noPrices,
      onEnd: () => {},
    },
    systemClock,
    silentLogger,
  )
  const at = { from: '127.0.0.1', isLocalSocket: false, setIdleTimeout: () => {} }
  const exchange = passage.begin(new Request('http://x/'), at, { endpoint: 'chat/completions', scope: 'inference' })
  return { exchange, rows, open: () => passage.open }
}

const event = new TextEncoder().encode('data: {}\n\n')

/** A stream of one event and its end; `parts` of it may break. */
function sourceOf(
  parts: Partial<Carrier>,
  chunks: Chunk[],
): { readonly source: Source; readonly isLeft: () => boolean } {
  let isLeft = false
  const carrier: Carrier = {
    pass: (bytes) => ({ bytes, isDone: true }),
    hasOutput: true,
    isTerminal: true,
    usage: unknownUsage,
    error: null,
    isErrorShown: true,
    isMalformed: false,
    end: () => 'data: [DONE]\n\n',
    breakOff: (error) => `data: ${JSON.stringify({ error: { message: error.message } })}\n\n`,
    ...parts,
  }
  const reader = {
    next: async (): Promise<Chunk> => chunks.shift() ?? { kind: 'end' },
    cancel: () => void (isLeft = true),
  }
  const splitter = createEventSplitter(1000)
  return {
    source: { reader, carrier, splitter, name: 'it', held: new Uint8Array(), isDone: false, last: null },
    isLeft: () => isLeft,
  }
}

function relayOf(source: Source | Promise<Source>, exchange: Exchange, witness: Witness | null = null): StreamRelay {
  const interruptions = new Interruptions()
  const times = { stalledReaderMs: 60_000, heartbeatMs: 60_000, clock: systemClock }
  return new StreamRelay(source, { exchange, lane: chatLane, witness, watchman, interruptions, ...times })
}

const fault = (): never => {
  throw new Error('a fault of ours')
}

const faults: readonly (readonly [string, Partial<Carrier>])[] = [
  ['reading', { pass: fault }],
  ['writing its end', { end: fault }],
  ['everything', { pass: fault, end: fault, breakOff: fault }],
]
test.each(faults)('a fault in %s ends the exchange once and leaves the upstream', async (_, parts) => {
  const { exchange, rows, open } = begun()
  const { source, isLeft } = sourceOf(parts, [{ kind: 'data', bytes: event }])
  const text = await new Response(relayOf(source, exchange).body).text().catch(() => 'broken')
  expect(text).not.toContain('[DONE]')
  expect([rows.length, rows[0]?.outcome, open(), isLeft()]).toEqual([1, 'failed', 0, true])
})

test('a witness that fails at the end costs nobody the answer', async () => {
  const { exchange, rows, open } = begun()
  const { source } = sourceOf({}, [{ kind: 'data', bytes: event }])
  const relay = relayOf(source, exchange, { saw: () => {}, leave: fault })
  expect(await new Response(relay.body).text()).toBe('data: {}\n\ndata: [DONE]\n\n')
  expect([rows.length, rows[0]?.outcome, open()]).toEqual([1, 'complete', 0])
})

test('whoever leaves before reading leaves the upstream, too, also when that answers only later', async () => {
  for (const isLate of [false, true]) {
    const { exchange, rows } = begun()
    const { source, isLeft } = sourceOf({}, [])
    const promised = Promise.withResolvers<Source>()
    const relay = relayOf(isLate ? promised.promise : source, exchange)
    await relay.body.cancel()
    promised.resolve(source)
    await promised.promise
    await Promise.resolve()
    expect([isLate, isLeft(), rows[0]?.outcome]).toEqual([isLate, true, 'aborted'])
  }
})
