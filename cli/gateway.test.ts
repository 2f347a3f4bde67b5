/** The commands about routes, places and requests, and `env`, as a person runs them. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { fakeAdminKey, fakeGuestKey, startFakeHouse } from '../test/fakes/house.ts'
import type { FakeHouse } from '../test/fakes/house.ts'
import { fakeFailover, fakeRefused } from '../test/fakes/house-gateway.ts'
import { argvOf, environmentOf, runCli, runInTerminal, startHome, until } from '../test/fakes/cli-process.ts'
import type { Ran } from '../test/fakes/cli-process.ts'
import { widthOf } from './text-width.ts'

let at: ReturnType<typeof startHome>
let tcp: FakeHouse
const local = (args: string): Promise<Ran> => runCli(args.split(' '), { env: at.env })

beforeAll(() => {
  at = startHome()
  tcp = startFakeHouse({ port: 0 })
})
afterAll(async () => {
  await at[Symbol.asyncDispose]()
  await tcp[Symbol.asyncDispose]()
})

test.each([
  ['routes', ['coder         least-loaded  1 of 2    2+1', 'gpt-4o', 'hearth/smoke  priority']],
  [
    'routes gpt-4o',
    ['Route      coder', 'vendor/large-1 (on context_length)', 'open, 4.20s left', 'refused, 3 in a row'],
  ],
  ['routes hearth/smoke', ['no entry in routes', 'local/hearth/smoke']],
  ['pools', ['gpu-0             3 of 3', 'upstream:whisper, upstream:kokoro']],
  ['requests --status 5xx', ['failed (all_targets_failed)', 'nobody']],
  ['requests --outcome complete --upstream spark-2', ['spark-2/qwen3-32b', '900ms']],
  ['requests --endpoint chat/completions --until 2026-01-02T03:11:00Z', ['hearth/smoke']],
  ['requests --text nonsense', ['No requests like that.']],
  ['request', [fakeRefused.id, 'Nobody was asked.']],
  [
    `request ${fakeFailover.id}`,
    ['1. spark-1/qwen3-32b failed: refused', '2. spark-2/qwen3-32b 200', 'tokens/s', '--bodies'],
  ],
  ['usage --since 30d --until 2030-01-01', ['hearth/smoke']],
])('hearth %s', async (args, wanted) => {
  const { code, out, err } = await local(args)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  for (const text of wanted) expect(out).toContain(text)
  expect(out).not.toContain('\u001b')
})

test.each([
  ['routes', ['data']],
  ['routes gpt-4o', ['name', 'targets', 'fallbacks']],
  ['pools', ['data']],
  ['request', ['id', 'trace', 'bodies']],
  ['env codex', ['address', 'variables', 'command']],
])('hearth %s --json is JSON', async (args, members) => {
  const { code, out, err } = await local(`${args} --json`)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(Object.keys(JSON.parse(out) as object)).toEqual(expect.arrayContaining(members))
})

test.each([
  ['routes codr', 5, 'Did you mean coder?'],
  ['request req_nothing', 5, 'There is no request req_nothing.'],
  ['requests --status 5x', 2, '--status is "5x"'],
  ['requests --outcome done', 2, 'none of complete, incomplete, aborted, failed'],
  ['requests --since yesterday', 2, '--since is "yesterday"'],
  ['requests --follow --until 1h', 2, 'neither --until nor --cursor'],
  ['usage --since never', 2, '--since is "never"'],
  ['env claude --model tiny', 5, 'Did you mean tiny-a?'],
  ['env claude --shell tcsh', 2, 'none of sh, fish'],
  ['env', 2, 'hearth env claude'],
])('hearth %s ends with %d', async (args, wanted, text) => {
  const { code, out, err } = await local(args)
  expect({ code, out }).toEqual({ code: wanted, out: '' })
  expect(err).toContain(text)
})

test('filters go to the house as they were meant', async () => {
  await local('requests -n 5 --by-key abc --model m --text t --since 2026-01-01 --cursor c')
  expect(at.house.seen.at(-1)?.line).toBe('GET /api/requests?limit=5&key=abc&model=m&text=t&since=2026-01-01&cursor=c')
})

test('a list that follows shows a row once, also one that ends while the list is read, and tells of gaps', async () => {
  const child = Bun.spawn(argvOf(['requests', '-f', '--json', '--model', 'coder']), {
    env: environmentOf(at.env),
    stdout: 'pipe',
    stderr: 'pipe',
  })
  await until(() => at.house.seen.at(-1)?.line === 'GET /api/requests?limit=10&model=coder')
  at.house.feed.emit('request.finished', fakeRefused)
  at.house.feed.emit('request.finished', { ...fakeRefused, id: 'req_other', model: 'other' })
  at.house.feed.emit('reset', {})
  at.house.feed.emit('request.finished', { ...fakeRefused, id: 'req_new' })
  let out = ''
  const err = child.stderr.text()
  for await (const chunk of child.stdout) {
    out += new TextDecoder().decode(chunk)
    if (out.includes('req_new')) child.kill('SIGINT')
  }
  const ids = out
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { id: string }).id)
  expect(ids).toEqual([fakeFailover.id, fakeRefused.id, 'req_new'])
  expect(await child.exited).toBe(130)
  expect(await err).toBe('Some may have been missed: "hearth requests" lists all of them.\n')
})

test('a live line fits its terminal and keeps the id', async () => {
  const tail = runInTerminal(['requests', '--follow'], { env: at.env, columns: 110 })
  await tail.shows('req_000000000000000000000003')
  await until(() => at.house.feed.listeners === 1)
  at.house.feed.emit('reset', {})
  await tail.shows('Some may have been missed')
  tail.press('\u0003')
  expect(await tail.exited).toBe(130)
  const lines = Bun.stripANSI(tail.screen()).split('\r\n')
  expect(lines[1]).toContain('03:12:00  req_000000000000000000000002  200 complete')
  for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(110)
  expect(tail.screen()).toContain('\u001b[31m503 failed')
})

describe('env', () => {
  test('prints lines for a shell, with the key of the shell by its name', async () => {
    const { code, out, err } = await runCli(['env', 'claude', '--model', 'tiny-a'], { env: at.env })
    expect(code).toBe(0)
    expect(out.split('\n')).toEqual([
      'unset ANTHROPIC_API_KEY',
      'export ANTHROPIC_BASE_URL=http://127.0.0.1:9999',
      'export ANTHROPIC_AUTH_TOKEN="$HEARTH_API_KEY"',
      'export CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1',
      'export ANTHROPIC_MODEL=tiny-a',
      'export ANTHROPIC_DEFAULT_HAIKU_MODEL=tiny-a',
      'export ANTHROPIC_DEFAULT_SONNET_MODEL=tiny-a',
      'export ANTHROPIC_DEFAULT_OPUS_MODEL=tiny-a',
      'export CLAUDE_CODE_MAX_CONTEXT_TOKENS=2048',
      '',
    ])
    expect(err).toContain('export HEARTH_API_KEY=$(hearth keys create claude)')
  })

  test('never prints the key of the environment, only the one that was typed', async () => {
    const env = { HEARTH_URL: `${tcp.url}/v1/`, HEARTH_API_KEY: fakeGuestKey, SHELL: '/usr/bin/fish' }
    const remembered = await runCli(['env', 'openai'], { env })
    expect(remembered).toEqual({
      code: 0,
      out: `set -gx OPENAI_BASE_URL ${tcp.url}/v1\nset -gx OPENAI_API_KEY "$HEARTH_API_KEY"\n`,
      err: '',
    })
    const typed = await runCli(['env', 'anthropic', '--key', fakeAdminKey, '--json'], { env })
    expect(JSON.parse(typed.out)).toEqual({
      tool: 'anthropic',
      address: tcp.url,
      variables: { ANTHROPIC_BASE_URL: tcp.url, ANTHROPIC_API_KEY: fakeAdminKey },
      unset: ['ANTHROPIC_AUTH_TOKEN'],
      command: null,
    })
  })

  test('asks a house over the network for nothing but the model, which a weak key may', async () => {
    const env = { HEARTH_URL: tcp.url, HEARTH_API_KEY: fakeGuestKey }
    const before = tcp.seen.length
    expect((await runCli(['env', 'codex'], { env })).out).toContain(`base_url="${tcp.url}/v1"`)
    expect(tcp.seen.length).toBe(before)
    expect((await runCli(['env', 'codex', '--model', 'tiny-a'], { env })).out).toContain('model_context_window=2048')
    expect(tcp.seen.slice(before).map(({ line }) => line)).toEqual(['GET /v1/models'])
  })
})
