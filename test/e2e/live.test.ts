/** Events and configuration of a running house. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chatBody, startGatewayHouse, upstreamConfig } from '../env/gateway-house.ts'
import type { GatewayHouse } from '../env/gateway-house.ts'
import { until } from '../env/until.ts'

let both: GatewayHouse
beforeAll(async () => {
  both = await startGatewayHouse()
}, 60_000)
afterAll(() => both[Symbol.asyncDispose](), 60_000)

interface Feed {
  /** All events so far, as text. */
  readonly text: string
  until(pattern: RegExp): Promise<void>
  close(): Promise<void>
}

async function listen(headers: Readonly<Record<string, string>> = {}): Promise<Feed> {
  const controller = new AbortController()
  const response = await both.house.ask('/api/events', { headers, signal: controller.signal })
  expect(response.headers.get('content-type')).toStartWith('text/event-stream')
  let text = ''
  const reading = (async () => {
    const decoder = new TextDecoder()
    for await (const bytes of response.body!) text += decoder.decode(bytes, { stream: true })
  })().catch(() => {})
  return {
    get text() {
      return text
    },
    until: (pattern) => until(`an event like ${pattern.source} came`, () => pattern.test(text)),
    async close() {
      controller.abort()
      await reading
    },
  }
}

const makeKey = async (name: string) => both.house.ask('/api/keys', { method: 'POST', body: JSON.stringify({ name }) })
const lastId = (text: string) => [...text.matchAll(/^id: ?(\S+)$/gm)].at(-1)?.[1] ?? ''

describe('the event feed', () => {
  test('begins with hello and tells of keys and requests', async () => {
    const feed = await listen()
    await feed.until(/^event: ?hello$/m)
    await makeKey('seen')
    await feed.until(/^event: ?key\.created$/m)
    await both.house.ask('/v1/chat/completions', { method: 'POST', body: chatBody() })
    await feed.until(/^event: ?request\.finished$/m)
    expect(feed.text).not.toMatch(/hk-[a-z0-9]{12}-[0-9a-f]{48}/)
    await feed.close()
  })

  test('goes on where a listener left off', async () => {
    const first = await listen()
    await makeKey('before')
    await first.until(/"before"/)
    const id = lastId(first.text)
    await first.close()
    await makeKey('between')
    const second = await listen({ 'last-event-id': id })
    await second.until(/"between"/)
    expect(second.text).not.toContain('"before"')
    await second.close()
  })

  test('tells a listener with an unknown id to read everything anew', async () => {
    const feed = await listen({ 'last-event-id': 'gone-1' })
    await feed.until(/^event: ?reset$/m)
    await feed.close()
  })
})

describe('a changed hearth.yaml', () => {
  const file = () => join(both.house.home, 'hearth.yaml')
  const hasAlias = async () => (await (await both.house.ask('/v1/models')).text()).includes('"nickname"')

  test('is swapped in whole when it is good, and refused whole when it is not', async () => {
    const feed = await listen()
    const good = `${upstreamConfig(both.upstream)}routes:\n  - model: nickname\n    targets: [{ upstream: fake, model: echo }]\n`
    await writeFile(file(), good)
    await feed.until(/^event: ?config\.reloaded$/m)
    await until('the alias is served', hasAlias)
    const asked = await both.house.ask('/v1/chat/completions', {
      method: 'POST',
      body: chatBody({ model: 'nickname' }),
    })
    expect(asked.status).toBe(200)

    await writeFile(file(), `${good.replace('nickname', 'other')}fleet: { memory: lots }\n`)
    await feed.until(/^event: ?config\.refused$/m)
    expect(feed.text).toContain('fleet.memory')
    expect(await hasAlias()).toBeTrue()
    await writeFile(file(), good)
    await feed.close()
  }, 30_000)

  test('does not disturb a stream that runs', async () => {
    both.upstream.play({ tokens: 30, tokenMs: 30 })
    const stream = await both.house.ask('/v1/chat/completions', { method: 'POST', body: chatBody({ stream: true }) })
    const feed = await listen()
    await feed.until(/^event: ?hello$/m)
    await writeFile(file(), `${upstreamConfig(both.upstream)}# another comment\nserver: { loadWait: 50s }\n`)
    await feed.until(/^event: ?config\.reloaded$/m)
    expect(await stream.text()).toEndWith('data: [DONE]\n\n')
    await feed.close()
  }, 30_000)
})

test('the environment beats the file, and a refused start tells every problem with line and fix', async () => {
  const settings = await both.house.get<{ settings: { path: string; source: string }[] }>('/api/config')
  expect(settings.settings.find((each) => each.path === 'server.port')?.source).toBe('environment')
  const failure: unknown = await startGatewayHouse({ config: 'server: { prot: 5 }\nfleet: { memory: lots }\n' }).catch(
    (error: unknown) => error,
  )
  expect(String(failure)).toContain('server.prot')
  expect(String(failure)).toContain('fleet.memory')
  expect(String(failure)).toMatch(/line \d+/)
}, 30_000)
