import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startOpenaiUpstream } from './openai-upstream.ts'
import type { Mode, OpenaiUpstream } from './openai-upstream.ts'

let upstream: OpenaiUpstream
beforeAll(async () => {
  upstream = await startOpenaiUpstream()
})
afterAll(() => upstream[Symbol.asyncDispose]())

const ask = (body: unknown, path = '/chat/completions', init: RequestInit = {}) =>
  fetch(`${upstream.url}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { authorization: `Bearer ${upstream.key}` },
    ...init,
  })

describe('the fake upstream', () => {
  test('refuses what the real ones refuse', async () => {
    upstream.play({})
    expect((await ask({ model: 'echo' }, '/chat/completions', { headers: {} })).status).toBe(401)
    expect((await ask({ model: 'nobody' })).status).toBe(404)
    expect((await ask({ model: 'echo' }, '/chat/completions', { body: '{' })).status).toBe(400)
    expect((await ask({ model: 'echo' }, '/nowhere')).status).toBe(404)
  })

  test('streams events with usage only when asked', async () => {
    upstream.play({ tokens: 3 })
    const without = await (await ask({ model: 'echo', stream: true })).text()
    expect(without.match(/data: /g)).toHaveLength(6)
    expect(without).toEndWith('data: [DONE]\n\n')
    const withUsage = await (await ask({ model: 'echo', stream: true, stream_options: { include_usage: true } })).text()
    expect(withUsage).toContain('"completion_tokens":3')
  })

  test.each(['reset_before_head', 'reset_after_head', 'reset_mid_body', 'long_length', 'garbage'] as const)(
    'breaks a whole answer by %s',
    async (mode: Mode) => {
      upstream.play({ mode })
      const asking = ask({ model: 'echo' }).then((response) => response.text())
      expect(await asking.catch(() => 'broken')).toBe('broken')
    },
  )

  test('counts an abort and nothing else as one', async () => {
    upstream.forget()
    upstream.play({ mode: 'silent' })
    const controller = new AbortController()
    const asking = ask({ model: 'echo' }, '/chat/completions', { signal: controller.signal }).catch(() => null)
    await upstream.until(({ requests }) => requests.length === 1)
    expect(upstream.inFlight).toBe(1)
    controller.abort()
    await asking
    await upstream.until(({ aborts }) => aborts === 1)
    expect(upstream.inFlight).toBe(0)
    upstream.play({})
    expect((await ask({ model: 'echo' })).status).toBe(200)
    expect([upstream.aborts, upstream.inFlight]).toEqual([1, 0])
  })
})
