import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A Hearth of its own: the real program in its own process, home and port. */
export interface House extends AsyncDisposable {
  /** Without a trailing slash. */
  readonly url: string
  readonly adminKey: string
  readonly home: string
  readonly pid: number
  /** All that it wrote since its start, restarts included. */
  logs(): string
  /** Asks with the admin key unless `headers` say otherwise; paths begin with `/`. */
  ask(path: string, init?: RequestInit): Promise<Response>
  /** `ask`, and the JSON of a good answer. */
  get<T>(path: string): Promise<T>
  /** SIGTERM; the exit code once it is gone. */
  stop(): Promise<number>
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  /** Starts it again in the same home, on a new port. `url` and `pid` follow. */
  restart(): Promise<void>
}

export interface HouseOptions {
  /** The text of hearth.yaml. */
  readonly config?: string
  readonly env?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  /** What to start instead of the program itself, for example `npm start`. */
  readonly program?: readonly string[]
  /** A home that is already there; it stays after the end. */
  readonly home?: string
}

export const repositoryRoot = join(import.meta.dir, '../..')
export const testAdminKey = `hk-testadminkey-${'0123456789abcdef'.repeat(3)}`
/** As in package.json's `start`. */
const flags = ['--no-orphans', '--no-env-file', '--no-install']
const startDeadlineMs = 30_000
const stopDeadlineMs = 40_000
const mostLogCharacters = 2_000_000

export async function startHouse(options: HouseOptions = {}): Promise<House> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'hearth-test-home-')))
  if (options.config !== undefined) await writeFile(join(home, 'hearth.yaml'), options.config)
  let log = ''
  const write = (text: string) => void (log = (log + text).slice(-mostLogCharacters))
  let running = await start(home, options, write)
  const ask: House['ask'] = (path, init = {}) => {
    const headers = new Headers(init.headers)
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${testAdminKey}`)
    return fetch(`${running.url}${path}`, { ...init, headers })
  }
  return {
    get url() {
      return running.url
    },
    get pid() {
      return running.child.pid
    },
    adminKey: testAdminKey,
    home,
    logs: () => log,
    ask,
    async get<T>(path: string) {
      const response = await ask(path)
      if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`)
      return (await response.json()) as T
    },
    stop: () => end(running.child, 'SIGTERM'),
    async kill() {
      await end(running.child, 'SIGKILL')
    },
    async restart() {
      await end(running.child, 'SIGTERM')
      running = await start(home, options, write)
    },
    async [Symbol.asyncDispose]() {
      await end(running.child, 'SIGTERM')
      if (options.home === undefined) await rm(home, { recursive: true, force: true })
    },
  }
}

interface Running {
  readonly child: Bun.Subprocess
  readonly url: string
}

async function start(home: string, options: HouseOptions, write: (text: string) => void): Promise<Running> {
  const command = options.program ?? [process.execPath, ...flags, 'src/main.ts', 'serve']
  const child = Bun.spawn([...command, ...(options.args ?? [])], {
    cwd: repositoryRoot,
    env: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      HOME: home,
      HEARTH_HOME: home,
      HEARTH_PORT: '0',
      HEARTH_ADMIN_KEY: testAdminKey,
      HEARTH_ENGINES_DIR: testEnginesDir(),
      ...options.env,
    },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const url = await listeningUrl(child, write)
  return { child, url }
}

/** Where tools/run-tests.ts installed the engines; the same place when a test file is run alone. */
export function testEnginesDir(): string {
  return process.env['HEARTH_TEST_ENGINES_DIR'] ?? join(repositoryRoot, 'node_modules/.cache/hearth-engines')
}

/** Reads what the server writes until it says where it listens, and on to the end so that no pipe fills. */
function listeningUrl(child: Bun.Subprocess<'ignore', 'pipe', 'pipe'>, write: (text: string) => void): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let text = ''
  const told = (what: string) => reject(new Error(`${what}\n${text.slice(-5_000)}`))
  const deadline = setTimeout(() => {
    child.kill('SIGKILL')
    told(`Hearth did not listen within ${startDeadlineMs} ms.`)
  }, startDeadlineMs)
  const read = async (from: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder()
    for await (const bytes of from) {
      const part = decoder.decode(bytes, { stream: true })
      write(part)
      text = (text + part).slice(-100_000)
      const url = /Hearth listens on (https?:\/\/[^\s"]+:\d+)/.exec(text)?.[1]
      if (url) resolve(url)
    }
  }
  void Promise.all([read(child.stdout), read(child.stderr)]).then(async () => {
    told(`Hearth ended at its start with exit code ${await child.exited}.`)
  })
  return promise.finally(() => clearTimeout(deadline))
}

/** -1 when a signal ended it. */
async function end(child: Bun.Subprocess, signal: 'SIGTERM' | 'SIGKILL'): Promise<number> {
  child.kill(signal)
  const deadline = setTimeout(() => child.kill('SIGKILL'), stopDeadlineMs)
  await child.exited
  clearTimeout(deadline)
  return child.exitCode ?? -1
}
