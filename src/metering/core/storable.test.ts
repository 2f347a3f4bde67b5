import { expect, test } from 'bun:test'
import { keyId, modelName, requestId } from '#kernel/ids.ts'
import type { RequestRecord } from '#kernel/words.ts'
import { storable } from './storable.ts'

const good: RequestRecord = {
  id: requestId('req_1'),
  at: 1,
  key: keyId('key1'),
  endpoint: 'chat.completions',
  model: modelName('tiny-a'),
  upstream: null,
  upstreamModel: null,
  status: 404,
  outcome: 'failed',
  isStream: false,
  usage: { promptTokens: 5, completionTokens: null, cachedTokens: 0 },
  ttftMs: null,
  durationMs: 1.5,
  costMicros: null,
  reason: 'model_not_found',
}

test('a usual record is taken as it is, without a copy', () => expect(storable(good)).toBe(good))

test.each([
  ['a long name is cut', { model: modelName('x'.repeat(501)) }, { model: modelName('x'.repeat(500)) }],
  [
    'zero characters are replaced',
    { upstreamModel: 'a\0b', reason: '\0' },
    { upstreamModel: 'a\uFFFDb', reason: '\uFFFD' },
  ],
  [
    'token counts that nobody believes are unknown',
    { usage: { promptTokens: 9e15, completionTokens: 1.5, cachedTokens: -1 }, costMicros: Number.POSITIVE_INFINITY },
    { usage: { promptTokens: null, completionTokens: null, cachedTokens: null }, costMicros: null },
  ],
])('%s', (_what, change, expected) => expect(storable({ ...good, ...change })).toEqual({ ...good, ...expected }))
