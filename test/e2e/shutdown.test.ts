import { expect, test } from 'bun:test'
import { chatBody, requestRows, startGatewayHouse } from '../env/gateway-house.ts'
import { startHouse } from '../env/house.ts'
import { openRaw } from '../env/raw-client.ts'

test('SIGTERM lets a stream run to its end, takes no new request, and exits 0', async () => {
  await using both = await startGatewayHouse()
  const { house, upstream } = both
  upstream.play({ tokens: 40, tokenMs: 25 })
  const stream = await house.ask('/v1/chat/completions', { method: 'POST', body: chatBody({ stream: true }) })
  const text = stream.text()
  await upstream.until(({ inFlight }) => inFlight === 1)
  const url = house.url
  const stopping = house.stop()
  expect(await text).toEndWith('data: [DONE]\n\n')
  expect(await stopping).toBe(0)
  expect(await fetch(`${url}/health`).catch(() => 'refused')).toBe('refused')

  await house.restart()
  expect((await requestRows(house)).map((row) => row.outcome)).toEqual(['complete'])
}, 60_000)

test('what is not done when the drain is over is told so, aborted upstream, and written down as ours', async () => {
  await using both = await startGatewayHouse({ config: 'server: { drain: 1s }\n' })
  const { house, upstream } = both
  const chat = (more: Readonly<Record<string, unknown>>) =>
    house.ask('/v1/chat/completions', { method: 'POST', body: chatBody(more) })
  upstream.play({ mode: 'stall', tokens: 10 })
  const stream = await chat({ stream: true })
  upstream.play({ mode: 'silent' })
  const silent = [chat({}), chat({ stream: true })]
  await upstream.until(({ inFlight }) => inFlight === 3)
  const stopping = house.stop()
  const text = await stream.text()
  expect(text).toContain('w0 ')
  expect(text).toContain('"code":"shutting_down"')
  for (const response of await Promise.all(silent)) {
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await response.text()).toContain('shutting_down')
  }
  expect(await stopping).toBe(0)
  await upstream.until(({ inFlight }) => inFlight === 0)

  await house.restart()
  const rows = await requestRows(house)
  expect(rows.map((row) => row.outcome).sort()).toEqual(['failed', 'failed', 'incomplete'])
}, 60_000)

test('SIGTERM without requests ends at once, also with idle keep-alive connections and event listeners', async () => {
  await using both = await startGatewayHouse()
  const { house } = both
  const idle = await openRaw(house.url)
  idle.send('GET /health HTTP/1.1\r\nhost: hearth\r\n\r\n')
  await idle.until((received) => received.includes('\r\n\r\n'))
  const events = await house.ask('/api/events')
  const reader = events.body!.getReader()
  await reader.read()
  const start = performance.now()
  expect(await house.stop()).toBe(0)
  expect(performance.now() - start).toBeLessThan(5_000)
  await reader.cancel().catch(() => {})
}, 60_000)

test('npm start passes SIGTERM on: the server drains, and nothing is left', async () => {
  const house = await startHouse({ program: ['npm', 'start', '--silent'] })
  const { pid } = house
  expect((await house.ask('/health')).status).toBe(200)
  const url = house.url
  expect(await house.stop()).toBe(0)
  expect(() => process.kill(pid, 0)).toThrow()
  expect(await fetch(`${url}/health`).catch(() => 'refused')).toBe('refused')
  await house[Symbol.asyncDispose]()
}, 60_000)
