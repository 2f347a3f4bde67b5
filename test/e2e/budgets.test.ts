/** Nothing is overspent: however many ask at once, on every way in, and whatever ends the process. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Client } from 'pg'
import type { ErrorBody, GatewayHouse } from '../env/gateway-house.ts'
import { chatBody, startGatewayHouse } from '../env/gateway-house.ts'

const server = process.env['HEARTH_TEST_DATABASE_URL']
/** A thousandth of a dollar for each token of an answer, nothing for the prompt. */
const config = 'prices: { "fake/echo": { input: 0, output: 1000 } }\n'
/** Of `ask`: ten tokens. */
const costUsd = 0.01

describe.each([
  ['SQLite', null],
  ['PostgreSQL', server ?? 'none'],
] as const)('on %s', (name, url) => {
  const isThere = name === 'SQLite' || server !== undefined
  const database = `hearth_budgets_${process.pid}`
  let both: GatewayHouse
  beforeAll(async () => {
    if (!isThere) return
    const env: Record<string, string> = {}
    if (url !== null) env['HEARTH_DATABASE_URL'] = await createDatabase(url, database)
    both = await startGatewayHouse({ config, env })
    both.upstream.play({ tokens: 10 })
  }, 60_000)
  afterAll(async () => {
    if (!isThere) return
    await both[Symbol.asyncDispose]()
    if (url !== null) await onServer(url, `drop database ${database} with (force)`)
  }, 60_000)

  test.skipIf(!isThere)(
    `1,000 requests at once against a budget for 10 are 10 answers and 990 refusals (${need(name)})`,
    async () => {
      const { house, upstream } = both
      const before = upstream.requests.length
      const headers = await keyWith(both, 10 * costUsd)
      const { answered, refused } = await askAtOnce(both, 1000, headers)
      expect([answered, refused.length, upstream.requests.length - before]).toEqual([10, 990, 10])
      const first = refused[0] ?? new Response()
      expect(first.headers.get('x-should-retry')).toBe('false')
      expect(Number(first.headers.get('retry-after'))).toBeGreaterThan(0)
      const { error } = (await first.json()) as ErrorBody
      expect(error).toMatchObject({ code: 'insufficient_quota' })
      expect(error.message).toContain('This key may spend $0.10 per month')
      const { data } = await house.get<{ data: { costMicros: number; requests: number }[] }>(
        `/api/usage?by=key&key=${headers['x-id']}`,
      )
      expect(data).toMatchObject([{ costMicros: 100_000 }])
    },
    60_000,
  )

  test.skipIf(!isThere)(
    `after kill -9 in the middle no reservation is left and nothing spent is lost (${need(name)})`,
    async () => {
      const { house, upstream } = both
      const headers = { ...(await keyWith(both, 1)), 'x-hearth-tags': 'nightly' }
      await house.ask('/api/allowances/tag/nightly', {
        method: 'PUT',
        body: JSON.stringify({ budget: { usd: 10 * costUsd, period: 'total' } }),
      })
      expect((await askAtOnce(both, 4, headers)).answered).toBe(4)
      upstream.play({ tokens: 10, firstByteMs: 20_000 })
      const before = upstream.requests.length
      const lost = Promise.allSettled(Array.from({ length: 6 }, () => ask(both, headers)))
      await upstream.until(({ requests }) => requests.length === before + 6)
      const full = await ask(both, headers)
      expect(full.status).toBe(429)
      expect(await full.text()).toContain('The tag “nightly” may spend $0.10 in all: $0.04 is spent, $0.06')
      expect(full.headers.get('retry-after')).toBeNull()
      await house.kill()
      await lost
      await house.restart()
      upstream.play({ tokens: 10 })
      const { answered, refused } = await askAtOnce(both, 200, headers)
      expect([answered, refused.length]).toEqual([6, 194])
      const { data } = await house.get<{ data: { id: string; state: { spentUsd: number; heldUsd: number } }[] }>(
        '/api/allowances',
      )
      expect(data.find(({ id }) => id === 'nightly')?.state).toMatchObject({ spentUsd: 0.1, heldUsd: 0 })
      await house.kill()
      await house.restart()
      expect((await ask(both, headers)).status).toBe(429)
    },
    90_000,
  )

  test.skipIf(!isThere)(
    `on every way in the same budget holds, and an answer without a bound gets one (${need(name)})`,
    async () => {
      const { house, upstream } = both
      const headers = await keyWith(both, 4.096 + 0.5)
      const last = () => upstream.requests.at(-1)?.body
      const post = (path: string, body: object) =>
        house.ask(path, { method: 'POST', body: JSON.stringify({ model: 'fake/echo', ...body }), headers })
      const messages = [{ role: 'user', content: 'Hi' }]
      const unbounded = await post('/v1/chat/completions', { messages })
      expect(unbounded.status).toBe(200)
      expect(Number(unbounded.headers.get('x-hearth-budget-remaining'))).toBeCloseTo(0.5, 6)
      expect(last()).toMatchObject({ max_tokens: 4096 })
      await unbounded.arrayBuffer()
      // What a hundred tokens cost is left after this one, less than any answer may cost that nobody bounds.
      const spent = await house.ask('/v1/chat/completions', { method: 'POST', headers, body: chatBody({ n: 8 }) })
      expect(spent.status).toBe(429)
      const asks = [
        ['/v1/completions', { prompt: 'Hi', max_tokens: 5000 }],
        ['/v1/responses', { input: 'Hi', max_output_tokens: 5000 }],
        ['/v1/messages', { messages, max_tokens: 5000 }],
        ['/v1/chat/completions', { messages, max_tokens: 1, max_completion_tokens: 5000 }],
        ['/upstreams/fake/chat/completions', { model: 'echo', messages, max_tokens: 5000 }],
      ] as const
      const before = upstream.requests.length
      for (const [path, body] of asks) expect([path, (await post(path, body)).status]).toEqual([path, 429])
      expect(upstream.requests.length).toBe(before)
    },
    60_000,
  )
})

const need = (name: string): string => (name === 'SQLite' ? 'here' : 'needs HEARTH_TEST_SYSTEM=1')

function ask({ house }: GatewayHouse, headers: Readonly<Record<string, string>>): Promise<Response> {
  return house.ask('/v1/chat/completions', { method: 'POST', body: chatBody({ max_tokens: 10 }), headers })
}

async function askAtOnce(both: GatewayHouse, count: number, headers: Readonly<Record<string, string>>) {
  const answers = await Promise.all(Array.from({ length: count }, () => ask(both, headers)))
  const refused = answers.filter(({ status }) => status === 429)
  await Promise.all(answers.filter((each) => !refused.includes(each)).map((each) => each.arrayBuffer()))
  return { answered: answers.filter(({ status }) => status === 200).length, refused }
}

/** The headers of a new key. */
async function keyWith({ house }: GatewayHouse, usd: number) {
  const body = JSON.stringify({ name: 'bounded', budget: { usd, period: 'month' } })
  const made = (await (await house.ask('/api/keys', { method: 'POST', body })).json()) as { key: string; id: string }
  return { authorization: `Bearer ${made.key}`, 'x-id': made.id }
}

async function createDatabase(serverUrl: string, name: string): Promise<string> {
  await onServer(serverUrl, `create database ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(statement).finally(() => client.end())
}
