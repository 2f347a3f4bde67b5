import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { BodyLog } from '#gateway/ports.ts'
import { openGatewayAlone, type GatewayAlone } from '../../test/env/gateway-alone.ts'
import { until } from '../../test/env/until.ts'
import { answersOf } from '../../test/fakes/dialect-answers.ts'

interface Kept {
  readonly request: string
  readonly response: string
  readonly isCut: boolean
  readonly isFailed: boolean
}

let gateway: GatewayAlone
let kept: Kept[] = []
const decoder = new TextDecoder()
const bodies: BodyLog = {
  wants: (_, headers) => headers.get('x-hearth-log') !== 'off',
  maxBytes: 300,
  keep: (_, { request, response, isCut, isFailed }) =>
    void kept.push({ request: decoder.decode(request), response: decoder.decode(response), isCut, isFailed }),
}
const { chat } = answersOf('m')
const stream = (text: string) => new Response(text, { headers: { 'content-type': 'text/event-stream' } })
const wire = chat.events.join('') + chat.terminal
/** Without the usage chunk that nobody asked for. */
const seen = chat.events.slice(0, -1).join('') + chat.terminal

beforeEach(async () => {
  kept = []
  gateway = await openGatewayAlone({
    bodies,
    routes: [{ model: 'remembering', targets: [{ upstream: 'up', model: 'm' }], cacheTtlMs: 60_000 }],
  })
})
afterEach(() => gateway[Symbol.asyncDispose]())

describe('an answer of a route that remembers', () => {
  test('is given again, whole', async () => {
    gateway.play(() => new Response(chat.whole))
    const first = await gateway.chat('remembering')
    expect(first.headers.get('x-hearth-cache')).toBe('miss')
    const text = await first.text()
    const again = await gateway.chat('remembering')
    expect(again.headers.get('x-hearth-cache')).toBe('hit')
    expect(await again.text()).toBe(text)
    expect(gateway.seen).toHaveLength(1)
    expect(gateway.rows.map(({ trace, upstream }) => `${trace?.cache} ${upstream}`)).toEqual(['miss up', 'hit null'])
  })

  test('is given again as a stream to those who stream', async () => {
    gateway.play(() => stream(wire))
    const first = await (await gateway.chat('remembering', { stream: true })).text()
    const again = await gateway.chat('remembering', { stream: true })
    expect(again.headers.get('x-hearth-cache')).toBe('hit')
    expect(await again.text()).toBe(first)
    expect(first).toBe(seen)
    expect(gateway.seen).toHaveLength(1)
  })

  test.each([
    ['that broke off', () => stream(chat.events.slice(0, 2).join('')), { stream: true }],
    ['without a word', () => Response.json({ choices: [{ message: { content: '' }, finish_reason: 'stop' }] }), {}],
    ['that is an error', () => Response.json({ error: { message: 'no' } }, { status: 400 }), {}],
  ])('%s is not', async (_, play, more) => {
    gateway.play(play)
    await (await gateway.chat('remembering', more)).text()
    const asked = gateway.seen.length
    expect((await gateway.chat('remembering', more)).headers.get('x-hearth-cache')).not.toBe('hit')
    expect(gateway.seen.length).toBeGreaterThan(asked)
  })
})

describe('the log of bodies', () => {
  test('gets what was asked and what the caller got, up to its limit', async () => {
    gateway.play(() => stream(wire))
    await (await gateway.chat('up/m', { stream: true })).text()
    await until('it is kept', () => kept.length === 1)
    expect(kept).toEqual([
      { request: expect.stringContaining('"up/m"'), response: seen.slice(0, 300), isCut: true, isFailed: false },
    ])
  })

  test('gets refusals and answers that broke off', async () => {
    gateway.play(() => Response.json({ error: { message: 'no such thing' } }, { status: 400 }))
    await (await gateway.chat('up/m')).text()
    gateway.play(() => stream(chat.events.slice(0, 2).join('')))
    await (await gateway.chat('up/m', { stream: true })).text()
    await until('they are kept', () => kept.length === 2)
    expect(kept.map(({ isFailed }) => isFailed)).toEqual([true, true])
    expect(kept[0]?.response).toContain('no such thing')
  })

  test('gets nothing of a request that wants none', async () => {
    gateway.play(() => new Response(chat.whole))
    await (
      await fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'x-hearth-log': 'off' },
        body: JSON.stringify({ model: 'up/m', messages: [{ role: 'user', content: 'Hi' }] }),
      })
    ).text()
    expect(kept).toEqual([])
  })
})
