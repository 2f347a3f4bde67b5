import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { fakeAdminKey, fakeGuestKey, startFakeHouse } from '../test/fakes/house.ts'
import type { FakeHouse } from '../test/fakes/house.ts'
import { argvOf, environmentOf, runCli, startHome, until } from '../test/fakes/cli-process.ts'
import type { Ran } from '../test/fakes/cli-process.ts'
import { commands } from './commands/index.ts'
import { renderHelp } from './help.ts'

let at: ReturnType<typeof startHome>
let tcp: FakeHouse
const local = (args: string, input?: string): Promise<Ran> =>
  runCli(args.split(' '), { env: at.env, ...(input === undefined ? {} : { input }) })

beforeAll(() => {
  at = startHome()
  tcp = startFakeHouse({ port: 0 })
})
afterAll(async () => {
  await at[Symbol.asyncDispose]()
  await tcp[Symbol.asyncDispose]()
})

describe('lists and single answers', () => {
  test.each([
    ['status', ['0.1.0', 'running for 1h02m', '1 ready, 1 stopped, 1 failed', 'office-vllm', 'unreachable', 'warning']],
    ['models', ['hearth/smoke  ready', '~1.0 GiB', 'ends before its tensors do']],
    ['models list --all', ['NAME', 'chat,completion']],
    ['models files', ['qwen3-4b-q4_k_m.gguf', 'lmstudio']],
    ['models suggest', ['hearth pull Qwen/Qwen3-4B-GGUF:Qwen3-4B-Q4_K_M.gguf', 'yes']],
    ['keys', ['abcdef012345  laptop', 'valid', '60 req/min, 2 at once']],
    ['requests', ['2026-01-02 03:10:00', 'complete', '412ms']],
    ['usage --by day', ['DAY', '2026-01-02', '$0.0015']],
    ['audit', ['2026-01-02 03:11:00', 'local', 'key.create', 'scopes inference']],
    ['audit export', ['"action":"key.create"', '"hash"']],
    ['audit prune --before 365d --yes', ['3 rows were taken away.']],
    ['config', ['server.port', '9999', 'file, line 2']],
    ['engine', ['llama', 'yes', '3.22.1']],
    ['pull', ['Nothing is being pulled']],
  ])('hearth %s', async (args, wanted) => {
    const { code, out, err } = await local(args)
    expect({ code, err: err.replace(/^(Config file|Memory for|There are more:).*\n/, '') }).toEqual({
      code: 0,
      err: '',
    })
    for (const text of wanted) expect(out).toContain(text)
    expect(out).not.toContain('\u001b')
  })

  test.each([
    ['status', ['version', 'upstreams', 'models']],
    ['models', ['data']],
    ['models files', ['data']],
    ['models suggest', ['memoryBytes', 'data']],
    ['keys', ['data']],
    ['requests', ['data', 'next']],
    ['usage', ['data']],
    ['audit', ['data', 'next']],
    ['config', ['file', 'settings', 'warnings']],
    ['engine', ['data']],
    ['version', ['hearth', 'bun']],
    ['help models', ['name', 'subcommands']],
    ['open', ['url', 'ticket', 'expiresAt']],
  ])('hearth %s --json is JSON', async (args, members) => {
    const { code, out, err } = await local(`${args} --json`)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(Object.keys(JSON.parse(out) as object)).toEqual(expect.arrayContaining(members))
  })
})

describe('a house', () => {
  test('is reached over TCP with --url and --key, or by the environment', async () => {
    expect((await runCli(['models', '--url', tcp.url, '--key', fakeAdminKey])).out).toContain('hearth/smoke')
    const env = { HEARTH_URL: `${tcp.url}/`, HEARTH_API_KEY: fakeAdminKey }
    expect((await runCli(['models'], { env })).out).toContain('hearth/smoke')
    expect((await runCli(['models', '--home', at.home], { env: { HEARTH_URL: 'http://127.0.0.1:1' } })).code).toBe(0)
  })

  test('that is not there ends with 3 and the command that starts it', async () => {
    const { code, err } = await runCli(['status'])
    expect(code).toBe(3)
    expect(err).toContain('hearth serve')
    expect((await runCli(['status', '--url', 'http://127.0.0.1:1'])).code).toBe(3)
  })

  test('that wants a key, or another key, ends with 4', async () => {
    const none = await runCli(['status', '--url', tcp.url])
    expect(none.code).toBe(4)
    expect(none.err).toContain('HEARTH_API_KEY')
    const weak = await runCli(['keys', '--url', tcp.url, '--key', fakeGuestKey, '--json'])
    expect(weak.code).toBe(4)
    expect(JSON.parse(weak.err)).toMatchObject({ error: { exitCode: 4, status: 403, code: 'missing_scope' } })
  })

  test('that does not know a model ends with 5 and the house’s own sentence', async () => {
    const { code, err } = await local('logs tiny')
    expect({ code, err }).toEqual({ code: 5, err: 'hearth: There is no model tiny. Did you mean tiny-a?\n' })
  })

  test('a wrong command line ends with 2, --help with 0, nothing at all with 2', async () => {
    expect((await local('stauts')).code).toBe(2)
    const help = await local('models load --help')
    expect(help.code).toBe(0)
    expect(help.out).toContain('Usage: hearth models load ID [OPTIONS]')
    expect((await runCli([])).err).toContain('Commands:')
    expect((await local('admin')).code).toBe(2)
    expect((await local('status --url ftp://x')).code).toBe(2)
    expect((await local('--version')).out).toMatch(/^hearth \d/)
  })
})

describe('models', () => {
  test('are planned, loaded and unloaded with the plan’s hash', async () => {
    const dry = await local('models load tiny-a --dry-run')
    expect(dry).toEqual({ code: 0, out: 'tiny-a is stopped.\n', err: '  - tiny-a is started; it takes about 1 GiB.\n' })
    const unasked = await local('models load tiny-a')
    expect(unasked.code).toBe(2)
    expect(unasked.err).toContain('--yes')
    expect((await local('models load tiny-a --yes')).out).toBe('tiny-a is ready.\n')
    expect(at.house.seen.map(({ line }) => line)).toContain('POST /api/models/tiny-a/load?hash=load-stopped')
    expect((await local('models load tiny-a')).err).toBe('Nothing to do: tiny-a is ready.\n')
    const unloaded = await local('models unload tiny-a --yes --json')
    expect(JSON.parse(unloaded.out)).toMatchObject({ applied: true, model: { state: 'stopped' } })
  })

  test('that cannot run are refused with the obstacle', async () => {
    const { code, err } = await local('models load broken --yes')
    expect(code).toBe(1)
    expect(err).toContain('broken cannot be loaded: broken failed: The file tiny.gguf ends before its tensors do.')
  })

  test('are added from one source and removed', async () => {
    expect((await local('models add mine --file ./m.gguf --context 4096 --ttl 5m')).code).toBe(0)
    expect(at.house.seen.at(-1)).toEqual({
      line: 'POST /api/models',
      body: { id: 'mine', file: join(process.cwd(), 'm.gguf'), context: 4096, ttl: '5m' },
    })
    expect((await local('models add cmd -- llama-server --port ${PORT}')).code).toBe(0)
    expect(at.house.seen.at(-1)?.body).toEqual({ id: 'cmd', cmd: ['llama-server', '--port', '${PORT}'] })
    expect((await local('models add none')).code).toBe(2)
    expect((await local('models add both --file a --hf b')).code).toBe(2)
    expect((await local('models rm mine --yes')).out).toBe('mine is removed.\n')
    expect((await local('models rm tiny-a --yes')).code).toBe(1)
  })
})

describe('keys', () => {
  test('come alone on stdout, remarks on stderr', async () => {
    const made = await local(
      'keys create phone --scope monitor --model qwen* --expires 2030-01-01 --tokens-per-minute 500',
    )
    expect(made.out).toBe(`hk-cccccccccccc-${'1'.repeat(48)}\n`)
    expect(made.err).toContain('only time')
    expect(at.house.seen.at(-1)?.body).toEqual({
      name: 'phone',
      scopes: ['monitor'],
      models: ['qwen*'],
      expiresAt: '2030-01-01T00:00:00.000Z',
      limits: { tokensPerMinute: 500 },
    })
    await local('keys rotate cccccccccccc --grace 10m')
    expect(at.house.seen.at(-1)?.body).toEqual({ graceSeconds: 600 })
    expect((await local('keys revoke cccccccccccc --yes')).out).toBe('Key cccccccccccc (phone) is revoked.\n')
    expect((await local('keys create x --expires tomorrow')).code).toBe(2)
    expect((await local('keys create x --scope root')).code).toBe(2)
    expect((await local('admin reset --yes')).out).toBe(`${fakeAdminKey}\n`)
    expect((await local('admin reset --yes --url http://x')).code).toBe(2)
  })
})

describe('settings', () => {
  test('are set, shown with their source and unset', async () => {
    expect((await local('config set server.loadWait 30s')).out).toBe('server.loadWait is 30s (overlay).\n')
    expect((await local('config set fleet.maxQueuePerModel 8')).out).toBe('fleet.maxQueuePerModel is 8 (overlay).\n')
    expect(at.house.seen.find(({ line }) => line.startsWith('PUT') && line.endsWith('Model'))?.body).toEqual({
      value: 8,
    })
    expect((await local('config fleet')).out).toContain('fleet.maxQueuePerModel  8')
    expect((await local('config unset server.loadWait')).out).toBe('server.loadWait is not set.\n')
    expect((await local('config set nonsense.x 1')).code).toBe(1)
    expect((await local('config server.prt')).err).toContain('Did you mean server.port?')
  })
})

describe('pulls and engines', () => {
  test('a pull is watched to its end', async () => {
    const { code, out, err } = await local('pull org/repo:tiny.gguf --id tiny')
    expect({ code, out }).toEqual({ code: 0, out: 'tiny is ready to use: hearth chat tiny\n' })
    expect(err).toContain('40%')
    const lines = (await local('pull org/repo:tiny.gguf --json')).out.trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { state: string }).state)).toEqual([
      'queued',
      'running',
      'verifying',
      'done',
    ])
  })

  test('a pull that fails ends with 1 and the reason', async () => {
    const { code, err } = await local('pull org/bad:tiny.gguf')
    expect(code).toBe(1)
    expect(err).toContain('The SHA-256 of the file is another.')
    expect((await local('pull nonsense')).err).toContain('nonsense is not org/repo:file')
    expect((await local('pull --cancel pull_1')).out).toContain('cancelled')
    expect((await local('pull org/repo:x --detach')).out).toContain('pull_1')
  })

  test('an engine is installed', async () => {
    expect((await local('engine install llama')).out).toBe('llama 3.22.1 is installed (linux-x64).\n')
    expect((await local('engine install steam')).code).toBe(5)
  })
})

describe('chat', () => {
  test('answers a question from the arguments or from stdin', async () => {
    expect((await runCli(['chat', 'tiny-a', 'good day'], { env: at.env })).out).toBe('You said: good day\n')
    expect((await local('chat tiny-a', 'piped in')).out).toBe('You said: piped in\n')
    expect((await runCli(['chat', 'just a prompt'], { env: at.env })).out).toBe('You said: just a prompt\n')
    expect((await local('chat tiny-a', '  ')).code).toBe(2)
  })

  test('passes its options on', async () => {
    await local('chat tiny-a hi --system Be_brief. --temperature 0.2 --max-tokens 9')
    expect(at.house.seen.at(-1)?.body).toMatchObject({
      messages: [
        { role: 'system', content: 'Be_brief.' },
        { role: 'user', content: 'hi' },
      ],
      temperature: 0.2,
      max_tokens: 9,
      stream: true,
    })
  })

  test('tells chunks as JSON lines', async () => {
    const chunks = (await local('chat tiny-a hi --json')).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    expect(chunks).toHaveLength(4)
    expect(chunks[0]).toMatchObject({ choices: [{ delta: { content: 'You said: ' } }] })
  })

  test('keeps reasoning and answer apart', async () => {
    expect((await local('chat tiny-a think')).out).toBe('Let me see.\n\nYou said: think\n')
  })

  test.each([
    ['chat tiny-a break', 1, 'broke off'],
    ['chat tiny-a fail', 1, 'The engine died.'],
    ['chat broken hi', 1, 'Try again in 2 s.'],
    ['chat nothing hi', 5, 'There is no model nothing'],
  ])('hearth %s ends with %d', async (args, wanted, text) => {
    const { code, err } = await local(args)
    expect(code).toBe(wanted)
    expect(err).toContain(text)
  })
})

describe('streams', () => {
  test('events are shown as they happen, and the command ends after so many', async () => {
    const running = local('events --type model.log --count 2 --json')
    await until(() => at.house.feed.listeners === 1)
    for (const line of ['one', 'two', 'three']) at.house.feed.emit('model.log', { id: 'tiny-a', line })
    const { code, out } = await running
    expect(code).toBe(0)
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { data: { line: string } }).data.line),
    ).toEqual(['one', 'two'])
  })

  test('events end with the house unless they follow it', async () => {
    const running = local('events')
    await until(() => at.house.feed.listeners === 1)
    at.house.feed.emit('request.finished', { status: 200, model: 'tiny-a', outcome: 'complete', durationMs: 12 })
    at.house.feed.cut()
    const { code, out } = await running
    expect(code).toBe(0)
    expect(out).toContain('200 tiny-a complete in 12ms')
  })

  test('a log is shown, and followed without showing a line twice', async () => {
    expect((await local('logs tiny-a -n 2')).out).toBe('second\nthird\n')
    const child = Bun.spawn(argvOf(['logs', 'tiny-a', '-f']), { env: environmentOf(at.env), stdout: 'pipe' })
    await until(() => at.house.seen.at(-1)?.line === 'GET /api/models/tiny-a/log?tail=200')
    at.house.feed.emit('model.log', { id: 'tiny-a', line: 'third' })
    at.house.feed.emit('model.log', { id: 'other', line: 'not mine' })
    at.house.feed.emit('model.log', { id: 'tiny-a', line: 'fourth' })
    let out = ''
    for await (const chunk of child.stdout) {
      out += new TextDecoder().decode(chunk)
      if (out.includes('fourth\n')) child.kill('SIGINT')
    }
    expect(out).toBe('first\nsecond\nthird\nfourth\n')
    expect(await child.exited).toBe(130)
  })
})

test('every command and subcommand has a help that names it', () => {
  const all = commands.flatMap((command) => [
    { path: [command.name], command },
    ...(command.subcommands ?? []).map((sub) => ({ path: [command.name, sub.name], command: sub })),
  ])
  for (const { path, command } of all) {
    const text = renderHelp(command, path)
    expect(text).toContain(path.join(' '))
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(120)
  }
})

test('hearth audit verify ends with 1 when a link does not hold, and says where', async () => {
  const { code, out } = await local('audit verify')
  expect(code).toBe(1)
  expect(out).toContain('Row 7 was edited')
})
