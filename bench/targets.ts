import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Api } from '../src/protocol/conversation/dialect.ts'
import { startHouse, testAdminKey } from '../test/env/house.ts'
import { children, cores, pinned, root } from './machine.ts'
import { wholeAnswer } from './mock-answers.ts'

/** What the upstream behind a target speaks: chat, as engines do, or what the caller speaks. */
export type Upstream = 'chat' | 'same'

/** Something that answers the same requests: the mock itself, Hearth, or a peer. */
export interface Target extends AsyncDisposable {
  readonly name: string
  readonly port: number
  /** The process whose memory and time count, with its workers. */
  readonly pids: readonly number[]
  /** null: it has no such way in. */
  ask(dialect: Api, upstream: Upstream): Asked | null
}

export interface Asked {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly model: string
}

/** Speaks all dialects on `port`, and only chat on `chatPort`. */
export interface Mock extends Target {
  readonly chatPort: number
}

export const paths: Readonly<Record<Api, string>> = {
  chat: '/v1/chat/completions',
  responses: '/v1/responses',
  messages: '/v1/messages',
}
const startDeadlineMs = 60_000
const askPlainly = (dialect: Api): Asked => ({ path: paths[dialect], headers: {}, model: 'echo' })

/** Streams and whole answers, in Bun. */
export async function startMock(): Promise<Mock> {
  const command = pinned(cores.load, [process.execPath, join(root, 'bench/mock-upstream.ts')])
  const child = Bun.spawn([...command], { stdout: 'pipe', stderr: 'inherit', stdin: 'ignore' })
  const [chatPort = 0, port = 0] = (await lineWith(child.stdout, /listening (\d+ \d+)\./)).split(' ').map(Number)
  return { ...target({ name: 'direct', port, child, ask: askPlainly }), chatPort }
}

/**
 * Whole answers of chat only, and cheaper than anything in JavaScript: for throughput, where the mock must never be the
 * limit.
 */
export async function startNginxMock(): Promise<Mock> {
  const location = `location / { default_type application/json; return 200 '${wholeAnswer('chat')}'; }`
  const nginx = await startNginx({ name: 'direct', core: cores.load, location, upstream: '' })
  return { ...nginx, chatPort: nginx.port }
}

export function startNginxProxy(upstreamPort: number): Promise<Target> {
  const location =
    'location / { proxy_pass http://mock; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; }'
  const upstream = `upstream mock { server 127.0.0.1:${upstreamPort}; keepalive 256; }`
  return startNginx({ name: 'nginx', core: cores.measured, location, upstream })
}

interface NginxOptions {
  readonly name: string
  readonly core: number
  readonly location: string
  readonly upstream: string
}

async function startNginx({ name, core, location, upstream }: NginxOptions): Promise<Target> {
  const nginx = Bun.which('nginx') ?? (existsSync('/usr/sbin/nginx') ? '/usr/sbin/nginx' : null)
  if (nginx === null)
    throw new Error('nginx is not installed: `apt-get install nginx-light wrk`, or HEARTH_TEST_SYSTEM=1 as root.')
  const folder = await mkdtemp(join(tmpdir(), 'hearth-bench-nginx-'))
  const port = await freePort()
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; ${user} worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 10000000; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  client_body_buffer_size 64k; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  ${upstream}
  server { listen 127.0.0.1:${port} backlog=4096; ${location} }
}`,
  )
  const command = pinned(core, [nginx, '-c', join(folder, 'nginx.conf'), '-p', folder, '-e', join(folder, 'error.log')])
  const child = Bun.spawn([...command], { stdout: 'ignore', stderr: 'inherit', stdin: 'ignore' })
  await answers(port)
  return withFolder(folder, target({ name, port, child, ask: askPlainly }))
}

/**
 * Key check, limits, ledger and journal on: as it is used. `more` are further upstreams, as lines of `upstreams` in its
 * configuration.
 */
export async function startHearth({ port, chatPort }: Mock, more = ''): Promise<Target> {
  const flags = ['--no-orphans', '--no-env-file', '--no-install']
  const house = await startHouse({
    config: `upstreams:
  - { name: mock, baseUrl: "http://127.0.0.1:${chatPort}/v1", models: [echo] }
  - { name: same, baseUrl: "http://127.0.0.1:${port}/v1", models: [echo], apis: [chat, responses, messages] }
${more}`,
    program: pinned(cores.measured, [process.execPath, ...flags, 'src/main.ts', 'serve']),
    env: { HEARTH_LOG_LEVEL: 'warn' },
  })
  return {
    name: 'hearth',
    port: Number(new URL(house.url).port),
    pids: [house.pid],
    ask: (dialect, upstream) => ({
      path: paths[dialect],
      headers: { authorization: `Bearer ${testAdminKey}` },
      model: upstream === 'chat' ? 'mock/echo' : 'same/echo',
    }),
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  }
}

/** The least that a gateway on this runtime can do: the floor under Hearth's own work. */
export async function startBareProxy(upstreamPort: number): Promise<Target> {
  const program = [process.execPath, join(root, 'bench/peers/bare-proxy.ts'), String(upstreamPort)]
  const child = Bun.spawn([...pinned(cores.measured, program)], {
    env: { PATH: process.env['PATH'] ?? '', BUN_CONFIG_MAX_HTTP_REQUESTS: '65535' },
    stdout: 'pipe',
    stderr: 'inherit',
    stdin: 'ignore',
  })
  const port = Number(await lineWith(child.stdout, /listening (\d+)/))
  return target({ name: 'bare bun', port, child, ask: askPlainly })
}

/** What a program is once it answers: its workers are running. */
export function target(of: Pick<Target, 'name' | 'port' | 'ask'> & { readonly child: Bun.Subprocess }): Target {
  const { child, ...rest } = of
  return {
    ...rest,
    pids: [child.pid, ...children(child.pid)],
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      const deadline = setTimeout(() => child.kill('SIGKILL'), 5_000)
      await child.exited
      clearTimeout(deadline)
    },
  }
}

/** The folder goes when the target goes. */
export function withFolder(folder: string, started: Target): Target {
  return {
    ...started,
    async [Symbol.asyncDispose]() {
      await started[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export async function freePort(): Promise<number> {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
  const { port } = listener
  listener.stop(true)
  return port
}

/** Somebody answers there. */
export async function answers(port: number): Promise<void> {
  const end = performance.now() + startDeadlineMs
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => null)
    if (answer) return void (await answer.arrayBuffer())
    if (performance.now() > end) throw new Error(`Nothing answers on port ${port}.`)
    await Bun.sleep(50)
  }
}

async function lineWith(from: ReadableStream<Uint8Array>, pattern: RegExp): Promise<string> {
  let text = ''
  for await (const bytes of from) {
    text += new TextDecoder().decode(bytes)
    const found = pattern.exec(text)?.[1]
    if (found !== undefined) return found
  }
  throw new Error(`The program ended without a line like ${pattern.source}.`)
}
