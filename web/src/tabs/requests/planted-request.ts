import type { RequestView } from '../../api/types.ts'

/** A request for tests. */
export const request: RequestView = {
  id: 'req_1',
  at: '2026-01-02T03:10:00.000Z',
  key: 'abcdef012345',
  user: null,
  team: null,
  tags: [],
  endpoint: '/v1/chat/completions',
  model: 'hearth/smoke',
  upstream: 'local',
  upstreamModel: 'hearth/smoke',
  status: 200,
  outcome: 'complete',
  isStream: true,
  tokens: 46,
  usage: { promptTokens: 12, completionTokens: 34, cachedTokens: 0 },
  ttftMs: 21,
  durationMs: 412,
  costMicros: null,
  reason: null,
}
