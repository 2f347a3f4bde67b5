/** Streams that end before anybody has read them: whoever answered must not go on for nobody. */
import { afterEach, expect, test } from 'bun:test'
import { openGatewayAlone, type GatewayAlone } from '../../test/env/gateway-alone.ts'
import { until } from '../../test/env/until.ts'

let gateway: GatewayAlone
afterEach(() => gateway[Symbol.asyncDispose]())

const word = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'Hi' } }] })}\n\n`

/** Says one word and nothing more until somebody leaves. */
function endless(isLeft: () => void, first = word, type = 'text/event-stream'): Response {
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(first)),
    cancel: isLeft,
  })
  return new Response(body, { headers: { 'content-type': type } })
}

test('a key that is revoked while the first word is on its way stops the upstream', async () => {
  gateway = await openGatewayAlone()
  let isLeft = false
  gateway.play(() => {
    gateway.revoke()
    return endless(() => (isLeft = true))
  })
  const response = await gateway.chat('up/m', { stream: true })
  const text = await response.text()
  expect(text).toContain('revoked')
  await until('nothing is held', () => gateway.held === 0 && gateway.open === 0)
  await until('the upstream is left', () => isLeft)
  expect(gateway.rows).toMatchObject([{ outcome: 'aborted', reason: 'key_revoked' }])
})

const speech = { path: '/v1/audio/speech', body: { model: 'up/m', input: 'Hi', voice: 'alloy' } }
const other = { path: '/upstreams/up/anything', body: {} }

test.each([speech, other])('a recording that has not begun is refused when the key is revoked: $path', async (way) => {
  gateway = await openGatewayAlone()
  let isLeft = false
  gateway.play(() => {
    gateway.revoke()
    return endless(() => (isLeft = true), 'sound', 'audio/mpeg')
  })
  const response = await fetch(gateway.url + way.path, { method: 'POST', body: JSON.stringify(way.body) })
  expect([response.status, await response.text()]).toEqual([401, expect.stringContaining('revoked')])
  await until('nothing is held', () => gateway.held === 0 && gateway.open === 0)
  await until('the upstream is left', () => isLeft)
  expect(gateway.rows).toMatchObject([{ outcome: 'aborted', reason: 'key_revoked' }])
})
