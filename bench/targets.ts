import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startHouse, testAdminKey } from '../test/env/house.ts'
import { children, cores, pinned, root } from './machine.ts'

/** Something that answers the same request: the mock itself, Hearth, or a peer. */
export interface Target extends AsyncDisposable {
  readonly name: string
  readonly port: number
  /** The process whose memory and time count, with its workers. */
  readonly pids: readonly number[]
  readonly headers: Readonly<Record<string, string>>
  readonly model: string
}

const startDeadlineMs = 30_000

/** Streams and whole answers, in Bun. */
export async function startMock(): Promise<Target> {
  const command = pinned(cores.load, [process.execPath, join(root, 'bench/mock-upstream.ts')])
  const child = Bun.spawn([...command], { stdout: 'pipe', stderr: 'inherit', stdin: 'ignore' })
  const port = Number(await lineWith(child.stdout, /listening (\d+)/))
  return target({ name: 'direct', port, child, headers: {}, model: 'echo' })
}

/**
 * Whole answers only, and cheaper than anything in JavaScript: for throughput, where the mock must never be the limit.
 */
export async function startNginxMock(): Promise<Target> {
  const content = 'word '.repeat(150)
  const answer = JSON.stringify({
    id: 'chatcmpl-bench',
    object: 'chat.completion',
    created: 1,
    model: 'echo',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 10, completion_tokens: 150, total_tokens: 160 },
  })
  const location = `location / { default_type application/json; return 200 '${answer}'; }`
  return startNginx({ name: 'direct', core: cores.load, location, upstream: '' })
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
  const started = target({ name, port, child, headers: {}, model: 'echo' })
  return {
    ...started,
    pids: [child.pid, ...children(child.pid)],
    async [Symbol.asyncDispose]() {
      await started[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Key check, limits, ledger and journal on: as it is used. */
export async function startHearth(upstreamPort: number): Promise<Target> {
  const flags = ['--no-orphans', '--no-env-file', '--no-install']
  const house = await startHouse({
    config: `upstreams:
  - name: mock
    kind: openai
    baseUrl: http://127.0.0.1:${upstreamPort}/v1
    models: [echo]
`,
    program: pinned(cores.measured, [process.execPath, ...flags, 'src/main.ts', 'serve']),
    env: { HEARTH_LOG_LEVEL: 'warn' },
  })
  return {
    name: 'hearth',
    port: Number(new URL(house.url).port),
    pids: [house.pid],
    headers: { authorization: `Bearer ${testAdminKey}` },
    model: 'mock/echo',
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
  return target({ name: 'bare bun', port, child, headers: {}, model: 'echo' })
}

export async function startPortkey(upstreamPort: number): Promise<Target> {
  const folder = join(root, 'bench/peers')
  const program = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js')
  if (!existsSync(program)) {
    console.log('Installing @portkey-ai/gateway into bench/peers …')
    const npm = Bun.spawn(['npm', 'install', '--no-package-lock', '--ignore-scripts'], {
      cwd: folder,
      stdout: 'ignore',
      stderr: 'inherit',
    })
    if ((await npm.exited) !== 0) throw new Error('@portkey-ai/gateway could not be installed.')
  }
  const port = await freePort()
  const command = pinned(cores.measured, ['node', program, '--headless', `--port=${port}`])
  const child = Bun.spawn([...command], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production' },
    stdout: 'ignore',
    stderr: 'ignore',
    stdin: 'ignore',
  })
  await answers(port)
  const headers = {
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1`,
    authorization: 'Bearer sk-bench',
  }
  return target({ name: 'portkey', port, child, headers, model: 'echo' })
}

function target(of: Pick<Target, 'name' | 'port' | 'headers' | 'model'> & { readonly child: Bun.Subprocess }): Target {
  const { child, ...rest } = of
  return {
    ...rest,
    pids: [child.pid],
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      const deadline = setTimeout(() => child.kill('SIGKILL'), 5_000)
      await child.exited
      clearTimeout(deadline)
    },
  }
}

/** The request as bytes in a file: every generator sends the same ones. About 1 KB of body. */
export async function requestFile(to: Target, more: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const body = chatBody(to.model, more)
  const headers = {
    host: 'bench',
    'content-type': 'application/json',
    'content-length': String(body.length),
    ...to.headers,
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const folder = join(root, 'bench/out')
  await mkdir(folder, { recursive: true })
  const file = join(folder, `request-${to.name.replace(' ', '-')}.txt`)
  await writeFile(file, `POST /v1/chat/completions HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
  return file
}

export function chatBody(model: string, more: Readonly<Record<string, unknown>> = {}): string {
  const text = 'Tell me about hearths. '.repeat(38)
  return JSON.stringify({ model, messages: [{ role: 'user', content: text }], max_tokens: 150, ...more })
}

async function freePort(): Promise<number> {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
  const { port } = listener
  listener.stop(true)
  return port
}

async function answers(port: number): Promise<void> {
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
