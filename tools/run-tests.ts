/**
 * `npm test`: runs every test file with bun's runner and ends with `N passed, N failed[, N skipped]`.
 *
 * The last line is read from the runner's own summary: its junit report omits files that failed to load, and a test
 * that calls `process.exit(0)` ends a run without any summary and with exit code 0. Both count as failures here.
 *
 *   npm test                        all tests; the llama engine is installed once under node_modules/.cache
 *   npm test -- src/fleet test/e2e  only files whose path begins so
 *   HEARTH_TEST_SYSTEM=1 npm test   also those that need PostgreSQL, Chromium, Python: installed and started (Debian,
 *   root)
 */
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { prepareEngines } from './test-engines.ts'
import { readSummary, reasonToSkip, report } from './test-report.ts'
import { startSystemServices } from './system-services.ts'

const root = join(import.meta.dir, '..')
const folders = ['src', 'cli', 'engines', 'sdk', 'test', 'tools', 'bench', 'web'] as const
/**
 * Fewer files than this means that the search for tests broke, not that the tests became fewer. Raise it as tests grow.
 */
const fewestFiles = 100
/** For one test; those that load models or wait for a machine's services say their own. */
const testTimeoutMs = 30_000
/** Several real servers and engines per file: more workers than this only make them slow. */
const mostWorkers = 4

const selected = Bun.argv.slice(2)
process.exitCode = await main().catch((error: unknown) => {
  console.error(error)
  return end({ passed: 0, failed: 1, skipped: 0 })
})

async function main(): Promise<number> {
  const files = await findTests(selected)
  const tooFew = selected.length > 0 ? files.length === 0 : files.length < fewestFiles
  if (tooFew) {
    console.error(`Found ${files.length} test files, expected at least ${selected.length > 0 ? 1 : fewestFiles}.`)
    return end({ passed: 0, failed: 1, skipped: 0 })
  }
  const engines = await prepareEngines(root)
  if (!engines.ok) console.error(engines.message)
  await using services = await startSystemServices(process.env)
  const output = await runTests(files, { ...testEnvironment(), ...engines.env, ...services.env })
  const summary = readSummary(output.text, output.exitCode)
  console.log(report(summary, (file) => reasonToSkip(root, file)))
  const failures = summary.failed + (engines.ok ? 0 : 1)
  return end({ passed: summary.passed, failed: failures, skipped: summary.skipped.length })
}

async function findTests(prefixes: readonly string[]): Promise<readonly string[]> {
  const found: string[] = []
  for (const folder of folders) {
    const glob = new Bun.Glob(`${folder}/**/*.test.{ts,tsx}`)
    for await (const path of glob.scan({ cwd: root })) if (!path.includes('node_modules/')) found.push(path)
  }
  const wanted = prefixes.map((prefix) => relative(root, join(process.cwd(), prefix)))
  return found.filter((path) => wanted.length === 0 || wanted.some((prefix) => path.startsWith(prefix))).sort()
}

/** The tests see nothing of a Hearth that the person who runs them may have: no HEARTH_HOME, no keys. */
function testEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('HEARTH_') || name.startsWith('HEARTH_TEST_'),
  )
  return {
    ...(Object.fromEntries(kept) as Record<string, string>),
    DO_NOT_TRACK: '1',
    BUN_CONFIG_MAX_HTTP_REQUESTS: '65535',
    HEARTH_TEST_RUNNER: '1',
  }
}

async function runTests(files: readonly string[], env: Record<string, string>) {
  const workers = Math.max(2, Math.min(mostWorkers, availableParallelism()))
  const command = [process.execPath, '--no-env-file', '--no-install', 'test', `--parallel=${workers}`]
  const options = [
    `--timeout=${testTimeoutMs}`,
    '--preload',
    './test/env/leaks.ts',
    ...files.map((file) => `./${file}`),
  ]
  const child = Bun.spawn([...command, ...options], { cwd: root, env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
  const stop = () => child.kill('SIGTERM')
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const [shown, told] = await Promise.all([copy(child.stdout, process.stdout), copy(child.stderr, process.stderr)])
  return { text: `${shown}\n${told}`, exitCode: await child.exited }
}

/** Shows the runner's output as it comes and keeps it. */
async function copy(from: ReadableStream<Uint8Array>, to: NodeJS.WriteStream): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of from) {
    to.write(chunk)
    text += decoder.decode(chunk, { stream: true })
  }
  return text
}

function end(counts: { readonly passed: number; readonly failed: number; readonly skipped: number }): number {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
  console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`)
  return counts.failed > 0 || counts.passed === 0 ? 1 : 0
}
