/**
 * What some tests need of the system: PostgreSQL, Chromium, Python. With HEARTH_TEST_SYSTEM=1 missing packages are
 * installed (Debian, root) and a PostgreSQL of the tests' own is started on a free port and stopped at the end.
 * Without it nothing is installed or started, and the tests that need it are skipped by the names of these variables.
 */
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SystemServices extends AsyncDisposable {
  readonly env: Record<string, string>
}

/** A command and the Debian packages that bring it. */
const needs = [
  { command: 'chromium', packages: ['chromium'] },
  { command: 'curl', packages: ['curl', 'ca-certificates'] },
  { command: 'openssl', packages: ['openssl'] },
  { command: 'setpriv', packages: ['util-linux'] },
] as const

const startDeadlineMs = 60_000

export async function startSystemServices(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<SystemServices> {
  if (environment['HEARTH_TEST_SYSTEM'] !== '1') return { env: {}, [Symbol.asyncDispose]: async () => {} }
  await installMissing()
  const postgres = await startPostgres()
  const chromium = Bun.which('chromium') ?? Bun.which('chromium-browser')
  return {
    env: {
      HEARTH_TEST_DATABASE_URL: postgres.url,
      ...(chromium === null ? {} : { HEARTH_TEST_CHROMIUM: chromium }),
      HEARTH_TEST_PYTHON: Bun.which('python3') ?? 'python3',
    },
    [Symbol.asyncDispose]: () => postgres.stop(),
  }
}

async function installMissing(): Promise<void> {
  const missing: string[] = needs.flatMap((need) => (Bun.which(need.command) === null ? need.packages : []))
  if ((await postgresFolder()) === null) missing.push('postgresql')
  if (!(await hasVenv())) missing.push('python3', 'python3-venv')
  if (missing.length === 0) return
  if (process.getuid?.() !== 0 || Bun.which('apt-get') === null) {
    throw new Error(
      `HEARTH_TEST_SYSTEM=1 needs ${missing.join(', ')}: run as root on Debian, or install them yourself.`,
    )
  }
  console.log(`Installing ${missing.join(', ')} …`)
  await run(['apt-get', 'update', '-q'])
  await run(['apt-get', 'install', '-y', '-q', '--no-install-recommends', ...missing])
}

/** Debian's python3 comes without `ensurepip`, so that `python3 -m venv` exists and fails. */
async function hasVenv(): Promise<boolean> {
  const python = Bun.which('python3')
  return python !== null && (await Bun.spawn([python, '-c', 'import ensurepip, venv'], quiet).exited) === 0
}

/** The folder with initdb and postgres; Debian keeps them out of PATH. */
async function postgresFolder(): Promise<string | null> {
  const versions = await readdir('/usr/lib/postgresql').catch(() => [])
  const newest = versions
    .map(Number)
    .filter(Number.isFinite)
    .sort((a, b) => b - a)[0]
  if (newest !== undefined) return `/usr/lib/postgresql/${newest}/bin`
  return Bun.which('initdb')?.replace(/\/initdb$/, '') ?? null
}

async function startPostgres(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const bin = await postgresFolder()
  if (bin === null) throw new Error('PostgreSQL is not there although it was installed.')
  const folder = await mkdtemp(join(tmpdir(), 'hearth-test-postgres-'))
  const user = await unprivilegedUser(folder)
  const data = join(folder, 'data')
  await run(
    [...user, join(bin, 'initdb'), '-D', data, '-U', 'hearth', '--auth=trust', '-E', 'UTF8', '--no-sync'],
    folder,
  )
  const port = await freePort()
  // Crash safety is not what is tested here; without fsync the tests are several times faster.
  const settings = { fsync: 'off', max_connections: '300', unix_socket_directories: '', listen_addresses: '127.0.0.1' }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = Bun.spawn([...user, join(bin, 'postgres'), '-D', data, '-p', String(port), ...options], {
    cwd: folder,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
  })
  await untilReady(server.stderr)
  await run([...user, join(bin, 'createdb'), '-h', '127.0.0.1', '-p', String(port), '-U', 'hearth', 'hearth'], folder)
  return {
    url: `postgres://hearth:test-password-5e2d@127.0.0.1:${port}/hearth`,
    async stop() {
      server.kill('SIGINT') // PostgreSQL's fast shutdown: ends sessions, stops at once
      await server.exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** PostgreSQL refuses to run as root. `--pdeathsig` ends it with us, even if we are killed. */
async function unprivilegedUser(folder: string): Promise<readonly string[]> {
  if (process.getuid?.() !== 0) return []
  const name = (await Bun.spawn(['id', '-u', 'postgres'], quiet).exited) === 0 ? 'postgres' : 'nobody'
  const [uid, gid] = await Promise.all(['-u', '-g'].map(async (flag) => Number(await run(['id', flag, name]))))
  if (uid === undefined || gid === undefined) throw new Error(`The user ${name} has no ids.`)
  await chown(folder, uid, gid)
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--pdeathsig=INT']
}

/** Reads the log until the server says that it is ready, and on to its end so that the pipe never fills. */
async function untilReady(log: ReadableStream<Uint8Array>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const deadline = setTimeout(
    () => reject(new Error(`PostgreSQL was not ready in ${startDeadlineMs} ms.`)),
    startDeadlineMs,
  )
  const read = async () => {
    let text = ''
    for await (const chunk of log) {
      if (text.length < 100_000) text += new TextDecoder().decode(chunk)
      if (text.includes('ready to accept connections')) resolve()
    }
    reject(new Error(`PostgreSQL ended at its start:\n${text}`))
  }
  void read()
  await promise.finally(() => clearTimeout(deadline))
}

function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const server = createServer()
  server.once('error', reject)
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    server.close(() => resolve(port))
  })
  return promise
}

const quiet = { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' } as const

async function run(command: readonly string[], cwd = tmpdir()): Promise<string> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' }
  const child = Bun.spawn([...command], { cwd, env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  if (code !== 0)
    throw new Error(`\`${command.join(' ')}\` failed (exit code ${code}):\n${out.slice(-2_000)}${err.slice(-2_000)}`)
  return out
}
