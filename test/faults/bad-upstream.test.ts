/** Whatever an upstream does: the caller gets a clear error or a marked end, and the row tells how it ended. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { chatBody, requestRows, settled, startGatewayHouse } from '../env/gateway-house.ts'
import type { ErrorBody, GatewayHouse } from '../env/gateway-house.ts'
import { until } from '../env/until.ts'

const limits = `
limits:
  firstByte: 2s
  idle: 2s
`
let both: GatewayHouse
beforeAll(async () => {
  both = await startGatewayHouse({ config: limits })
}, 60_000)
afterAll(() => both[Symbol.asyncDispose](), 60_000)
afterEach(() => settled(both))

const chat = (more: Readonly<Record<string, unknown>> = {}) =>
  both.house.ask('/v1/chat/completions', { method: 'POST', body: chatBody(more) })

async function outcomeOf(response: Response): Promise<string> {
  const id = response.headers.get('x-request-id')
  let outcome = ''
  await until(`the row of ${id} is there`, async () => {
    outcome = (await requestRows(both.house)).find((row) => row.id === id)?.outcome ?? ''
    return outcome !== ''
  })
  return outcome
}

describe('a whole answer', () => {
  test.each([
    ['error_500', 500],
    // 429 is the caller's own limit: an upstream that is full is ours to tell as 503.
    ['error_429', 503],
    ['reset_before_head', 502],
    ['reset_after_head', 502],
    ['reset_mid_body', 502],
    ['garbage', 502],
    ['html', 502],
    ['long_length', 502],
    ['short_length', 502],
    ['silent', 504],
    ['stall', 504],
  ] as const)(
    'from an upstream that plays %s becomes %d in the envelope',
    async (mode, status) => {
      both.upstream.play({ mode })
      const response = await chat()
      const { error } = (await response.json()) as ErrorBody
      expect([mode, response.status]).toEqual([mode, status])
      expect(error.message.length).toBeGreaterThan(10)
      expect(error.message).not.toContain(both.upstream.key)
      expect(await outcomeOf(response)).toBeOneOf(['failed', 'incomplete'])
    },
    30_000,
  )
})

describe('a stream', () => {
  test.each(['reset_mid_body', 'cut', 'stall', 'error_event', 'broken_sse'] as const)(
    'from an upstream that plays %s ends with an error event and is incomplete',
    async (mode) => {
      both.upstream.play({ mode, tokens: 10 })
      const response = await chat({ stream: true })
      expect(response.status).toBe(200)
      const text = await response.text()
      expect(text).toContain('w0 ')
      expect(text).toContain('"error"')
      expect(text).not.toContain('[DONE]')
      expect(await outcomeOf(response)).toBe('incomplete')
    },
    30_000,
  )

  test('without [DONE] after its finish_reason gets one, and is complete', async () => {
    both.upstream.play({ mode: 'no_done' })
    const response = await chat({ stream: true })
    expect(await response.text()).toEndWith('data: [DONE]\n\n')
    expect(await outcomeOf(response)).toBe('complete')
  })

  test.each(['error_500', 'reset_before_head', 'garbage', 'silent'] as const)(
    'that never began because of %s is an error with a status, or an error event',
    async (mode) => {
      both.upstream.play({ mode })
      const response = await chat({ stream: true })
      const text = await response.text()
      if (response.status === 200) expect(text).toContain('"error"')
      else expect((JSON.parse(text) as ErrorBody).error.message.length).toBeGreaterThan(10)
      expect(await outcomeOf(response)).toBe('failed')
    },
    30_000,
  )

  test('carries usage when asked and keeps it to itself when not, and the row has it in both cases', async () => {
    both.upstream.play({ tokens: 3, cachedTokens: 2 })
    const asked = await (await chat({ stream: true, stream_options: { include_usage: true } })).text()
    expect(asked).toContain('"completion_tokens":3')
    const unasked = await chat({ stream: true })
    expect(await unasked.text()).not.toContain('completion_tokens')
    await outcomeOf(unasked)
    const { data } = await both.house.get<{ data: Record<string, unknown>[] }>('/api/requests?limit=1')
    expect(JSON.stringify(data[0])).toContain('"completionTokens":3')
  })
})

test('an upstream that is silent for 20 s is held, not dropped', async () => {
  await using patient = await startGatewayHouse()
  patient.upstream.play({ firstByteMs: 20_000 })
  const started = performance.now()
  const ask = (stream: boolean) =>
    patient.house.ask('/v1/chat/completions', { method: 'POST', body: chatBody({ stream }) })
  const [whole, stream] = await Promise.all([ask(false), ask(true).then(async (response) => response.text())])
  expect(whole.status).toBe(200)
  expect(stream).toEndWith('data: [DONE]\n\n')
  expect(performance.now() - started).toBeGreaterThan(19_000)
}, 60_000)

test('a dead upstream fails fast and tells its name', async () => {
  await using lonely = await startGatewayHouse()
  await lonely.upstream[Symbol.asyncDispose]()
  const response = await lonely.house.ask('/v1/chat/completions', { method: 'POST', body: chatBody() })
  expect(response.status).toBe(502)
  expect(((await response.json()) as ErrorBody).error.message).toContain('fake')
}, 30_000)

test('the upstream’s key is sent, the caller’s never', async () => {
  both.upstream.forget()
  both.upstream.play({})
  await chat()
  const { headers } = both.upstream.requests[0]!
  expect(headers['authorization']).toBe(`Bearer ${both.upstream.key}`)
  expect(JSON.stringify(headers)).not.toContain(both.house.adminKey)
  expect(headers['x-api-key']).toBeUndefined()
})
