/** The commands about the gateway, against the real house: what they show is what it did. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { startHouse } from '../test/env/house.ts'
import type { House } from '../test/env/house.ts'
import { until } from '../test/env/until.ts'
import { argvOf, environmentOf, runCli } from '../test/fakes/cli-process.ts'
import type { Ran } from '../test/fakes/cli-process.ts'
import { startOpenaiUpstream } from '../test/fakes/openai-upstream.ts'
import type { OpenaiUpstream } from '../test/fakes/openai-upstream.ts'

let first: OpenaiUpstream
let second: OpenaiUpstream
let house: House

beforeAll(async () => {
  first = await startOpenaiUpstream()
  second = await startOpenaiUpstream()
  house = await startHouse({
    config: `
upstreams:
  - { name: attic, baseUrl: "${first.url}", apiKey: "${first.key}", locality: lan }
  - { name: office, baseUrl: "${second.url}", apiKey: "${second.key}", locality: lan, concurrency: 4 }
routes:
  - model: coder
    aliases: [gpt-4o]
    targets: [{ upstream: attic, model: echo }, { upstream: office, model: echo }]
routing: { retries: { attempts: 1 } }
log: { bodies: all }
`,
  })
}, 60_000)
afterAll(async () => {
  await house?.[Symbol.asyncDispose]()
  await first?.[Symbol.asyncDispose]()
  await second?.[Symbol.asyncDispose]()
}, 60_000)

const local = (...args: readonly string[]): Promise<Ran> => runCli(args, { env: { HEARTH_HOME: house.home } })

async function ask(model: string): Promise<string> {
  const answer = await house.ask('/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'hello there' }] }),
  })
  await answer.text()
  return answer.headers.get('x-request-id') ?? ''
}

test('a request that failed over is found by its filters, and told attempt by attempt', async () => {
  first.play({ mode: 'error_500' })
  const id = await ask('gpt-4o')
  first.play({})
  let listed: Ran | null = null
  await until('the row is in the list', async () => {
    listed = await local('requests', '--upstream', 'office', '--status', '2xx', '--since', '1h', '--text', 'GPT')
    return listed.out.includes(id)
  })
  expect(listed).toMatchObject({ code: 0, err: '' })
  expect((await local('requests', '--upstream', 'attic')).out).toBe('No requests like that.\n')
  expect((await local('requests', '--until', '1h')).out).toBe('No requests like that.\n')
  let shown: Ran = { code: 1, out: '', err: '' }
  await until('the bodies are written', async () => {
    shown = await local('request', id, '--bodies')
    return shown.out.includes('--bodies)')
  })
  const { code, out, err } = shown
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/1\. attic\/echo 500 failed: server_error/)
  expect(out).toMatch(/2\. office\/echo 200\n/)
  expect(out).toMatch(/ {3}tokens {6}\|/)
  expect(out).toContain('"content": "hello there"')
  expect(JSON.parse((await local('request', '--json')).out)).toMatchObject({ id, trace: { attempts: [{}, {}] } })
  expect((await local('request', 'req_nothing')).code).toBe(5)
})

test('requests are followed as they end, those that are not meant left out', async () => {
  const known = await ask('coder')
  await until('the row is in the list', async () => (await local('requests')).out.includes(known))
  const child = Bun.spawn(argvOf(['requests', '--follow', '-n', '1', '--model', 'coder']), {
    env: environmentOf({ HEARTH_HOME: house.home }),
    stdout: 'pipe',
  })
  let out = ''
  let asked: Promise<readonly string[]> | null = null
  for await (const chunk of child.stdout) {
    out += new TextDecoder().decode(chunk)
    // the list is shown only once it listens
    if (out.includes(known)) asked ??= Promise.all([ask('office/echo'), ask('coder')])
    if (out.trim().split('\n').length === 2) child.kill('SIGINT')
  }
  const [other = '', meant = ''] = (await asked) ?? []
  expect(await child.exited).toBe(130)
  expect(out.split('\n')[1]).toContain(meant)
  expect(out).not.toContain(other)
})

test('routes, pools and usage are told as they are', async () => {
  expect((await local('routes', 'gpt-4o')).out).toMatch(/Route +coder\n/)
  expect((await local('routes', '--configured')).out).toMatch(/^NAME .*\ncoder +priority +2 of 2 .*\n$/)
  expect((await local('pools')).out).toMatch(/upstream:office +0 of 4/)
  expect((await local('usage', '--by', 'model', '--since', '1d')).out).toContain('coder')
  expect((await local('usage', '--since', '2020-01-01', '--until', '2020-02-01')).out).toBe('Nothing was used then.\n')
})

test('what env prints is the address of the house, for a key that may be used', async () => {
  const { out } = await local('env', 'openai', '--key', house.adminKey, '--shell', 'sh')
  const child = Bun.spawn(
    ['sh', '-c', `${out}\ncurl -sf "$OPENAI_BASE_URL/models" -H "authorization: Bearer $OPENAI_API_KEY"`],
    { env: environmentOf(), stdout: 'pipe' },
  )
  expect(await child.stdout.text()).toContain('"coder"')
  expect(await child.exited).toBe(0)
})
