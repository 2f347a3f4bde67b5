/** For tests: the real engine as its own process, with a model that Hearth writes itself. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type SmokeKind, smokeModel } from '#fleet/core/gguf/smoke.ts'

export interface RunningEngine {
  readonly url: string
  readonly pid: number
  /** Exit code and everything it wrote to standard error. */
  readonly ended: Promise<{ readonly code: number; readonly stderr: string }>
  post(path: string, body: unknown, init?: { readonly signal?: AbortSignal; readonly body?: string }): Promise<Answered>
  metric(name: string): Promise<number>
  /** Ends it if it still runs. */
  [Symbol.asyncDispose](): Promise<void>
}

export type Answered = Omit<Response, 'json'> & { json(): Promise<Answer> }

/** Every member that a test reads of any endpoint's answer. */
export interface Answer {
  readonly error: { readonly message: string; readonly code: string }
  readonly choices: readonly [Choice, ...Choice[]]
  readonly usage: { readonly total_tokens: number; readonly completion_tokens: number }
  readonly data: readonly [{ readonly embedding: readonly number[] }]
  readonly results: readonly {
    readonly index: number
    readonly relevance_score: number
    readonly document: { readonly text: string }
  }[]
  readonly tokens: readonly [number, ...number[]]
  readonly content: string
}

interface Choice {
  readonly index: number
  readonly text: string
  readonly message: { readonly content: string }
  readonly finish_reason: string
  readonly logprobs: {
    readonly tokens: readonly string[]
    readonly token_logprobs: readonly number[]
    readonly top_logprobs: readonly [Readonly<Record<string, number>>]
  }
}

export interface EngineStart {
  readonly kind?: SmokeKind
  /** Instead of a smoke model. */
  readonly model?: Uint8Array | string
  readonly args?: readonly string[]
  readonly token?: string
  /** Resolve when it listens, not when the model is there. */
  readonly isEarly?: boolean
}

const repository = join(import.meta.dir, '../..')
const readyMs = 60_000

export async function startEngine(start: EngineStart = {}): Promise<RunningEngine> {
  const runtime = await engineRuntime()
  const folder = await mkdtemp(join(tmpdir(), 'hearth-engine-'))
  const model = typeof start.model === 'string' ? start.model : join(folder, 'model.gguf')
  if (typeof start.model !== 'string') await writeFile(model, start.model ?? smokeModel(start.kind ?? 'chat'))
  const argv = [
    process.execPath,
    '--no-orphans',
    '--no-env-file',
    '--no-install',
    join(repository, 'engines/llama/main.ts'),
  ]
  const child = Bun.spawn([...argv, '--model', model, '--port', '0', '--alias', 'smoke', ...(start.args ?? [])], {
    env: {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      HEARTH_ENGINE_RUNTIME: runtime,
      ...(start.token === undefined ? {} : { HEARTH_ENGINE_TOKEN: start.token }),
    },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const stderr = child.stderr.text()
  const ended = child.exited.then(async (code) => ({ code, stderr: await stderr }))
  const url = await listeningUrl(child.stdout)
  const headers: Record<string, string> = start.token === undefined ? {} : { authorization: `Bearer ${start.token}` }
  if (url !== '' && start.isEarly !== true) await ready(url, ended)
  return {
    url,
    pid: child.pid,
    ended,
    post: (path, body, init = {}) =>
      fetch(url + path, { method: 'POST', body: JSON.stringify(body), headers, ...init }) as Promise<Answered>,
    async metric(name) {
      const text = await (await fetch(`${url}/metrics`, { headers })).text()
      return Number(new RegExp(`^llamacpp:${name} (\\S+)$`, 'm').exec(text)?.[1])
    },
    async [Symbol.asyncDispose]() {
      child.kill()
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Empty when it ended without listening. */
async function listeningUrl(stdout: ReadableStream<Uint8Array>): Promise<string> {
  let text = ''
  for await (const chunk of stdout) {
    text += new TextDecoder().decode(chunk)
    const found = /^listening on (\S+)\n/.exec(text)?.[1]
    if (found !== undefined) return found
  }
  return ''
}

async function ready(url: string, ended: Promise<{ readonly stderr: string }>): Promise<void> {
  let end: string | null = null
  void ended.then(({ stderr }) => (end = stderr))
  const deadline = performance.now() + readyMs
  while (performance.now() < deadline && end === null) {
    const response = await fetch(`${url}/health`).catch(() => null)
    if (response?.status === 200) return
    await Bun.sleep(20)
  }
  throw new Error(`The engine did not become ready: ${end ?? 'it takes too long'}`)
}

/** Where node-llama-cpp is installed for tests; installs it there if need be. */
async function engineRuntime(): Promise<string> {
  const folder = process.env.HEARTH_TEST_ENGINES_DIR ?? join(repository, 'node_modules/.cache/hearth-engines')
  const runtime = join(folder, 'llama')
  if (existsSync(join(runtime, 'installed.json'))) return runtime
  const installer = join(repository, 'tools/install-engine.ts')
  const child = Bun.spawn([process.execPath, '--no-env-file', '--no-install', installer, 'llama', folder], {
    env: { ...process.env },
    stdout: 'ignore',
    stderr: 'inherit',
  })
  if ((await child.exited) !== 0) throw new Error(`The llama engine could not be installed into ${folder}.`)
  return runtime
}

/** Polls until it holds: the engine tells of an end only through its figures. */
export async function eventually(holds: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Never came true: ${what}`)
    await Bun.sleep(10)
  }
}
