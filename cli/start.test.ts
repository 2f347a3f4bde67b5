import { afterAll, beforeAll, expect, test } from 'bun:test'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { environmentOf, until } from '../test/fakes/cli-process.ts'

/** A checkout of its own whose server is a few lines that tell what they were given. */
const root = mkdtempSync(join(tmpdir(), 'hearth-checkout-'))
const here = join(import.meta.dirname, '..')
const hearth = join(root, 'cli', 'bin', 'hearth.js')

const server = `
if (process.argv.includes('doctor')) {
  const findings = [
    { name: 'disk', state: 'ok', found: 'There are 12 GiB free.', advice: null },
    { name: 'clock', state: process.env.CLOCK ?? 'warn', found: 'It is not synchronised.', advice: 'Start a time service.' },
  ]
  console.log(JSON.stringify({ findings, argv: process.argv.slice(2) }))
  process.exit(process.env.CLOCK === 'fail' ? 1 : 0)
}
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => {
  console.log(signal)
  process.exit(Number(process.env.CODE ?? 0))
})
const told = { pid: process.pid, argv: process.argv.slice(2), exec: process.execArgv, home: process.env.HEARTH_HOME }
console.log(JSON.stringify(told))
setInterval(() => {}, 1000)
`

beforeAll(() => {
  for (const folder of ['cli', 'sdk/typescript']) cpSync(join(here, folder), join(root, folder), { recursive: true })
  mkdirSync(join(root, 'src'))
  writeFileSync(join(root, 'src', 'main.ts'), server)
  writeFileSync(join(root, 'package.json'), '{"type":"module","version":"0.1.0"}')
  symlinkSync(join(here, 'node_modules'), join(root, 'node_modules'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = Bun.spawn(['node', hearth, ...args], {
    env: environmentOf(env),
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  let out = ''
  const reading = (async () => {
    for await (const chunk of child.stdout) out += new TextDecoder().decode(chunk)
  })()
  return { child, out: () => out, ended: async () => (await reading, child.exited), err: child.stderr.text() }
}

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  'serve becomes the server and hands %s and its exit code through',
  async (signal) => {
    const run = start(['serve', '--config', 'x.yaml', '--home', '/tmp/h'], { CODE: '7' })
    await until(() => run.out().includes('\n'))
    const told = JSON.parse(run.out()) as { pid: number; argv: string[]; exec: string[]; home: string }
    expect(told.argv).toEqual(['serve', '--config', join(process.cwd(), 'x.yaml')])
    expect(told.exec).toEqual(['--no-orphans', '--no-env-file', '--no-install'])
    expect(told.home).toBe('/tmp/h')
    run.child.kill(signal)
    expect(await run.ended()).toBe(7)
    expect(run.out().split('\n')[1]).toBe(signal)
  },
)

test('a killed launcher leaves no server behind', async () => {
  const run = start(['serve'])
  await until(() => run.out().includes('\n'))
  const { pid } = JSON.parse(run.out()) as { pid: number }
  run.child.kill('SIGKILL')
  await run.ended()
  await until(() => !isRunning(pid))
})

test('npm’s link to the launcher finds the checkout', async () => {
  const link = join(root, 'hearth-link')
  symlinkSync(hearth, link)
  const child = Bun.spawn(['node', link, 'version'], { env: environmentOf(), stdout: 'pipe', cwd: '/' })
  expect(await child.stdout.text()).toBe(`hearth 0.1.0 (bun ${Bun.version})\n`)
})

test('a checkout without node_modules says what to run', async () => {
  const bare = join(root, 'bare')
  cpSync(join(here, 'cli', 'bin'), join(bare, 'cli', 'bin'), { recursive: true })
  const child = Bun.spawn(['node', join(bare, 'cli', 'bin', 'hearth.js'), 'status'], {
    env: environmentOf(),
    stderr: 'pipe',
  })
  expect(await child.stderr.text()).toContain('Run "npm ci"')
  expect(await child.exited).toBe(1)
})

test('the doctor asks the server’s program and needs no running house', async () => {
  const warned = start(['doctor', '--config', 'a.yaml'])
  expect(await warned.ended()).toBe(0)
  expect(warned.out()).toBe(
    [
      '✓ disk   There are 12 GiB free.',
      '! clock  It is not synchronised.',
      '         → Start a time service.',
      '',
      '1 fine, 1 to look at, 0 broken, 0 left out',
      '',
    ].join('\n'),
  )
  const failed = start(['doctor', '--json'], { CLOCK: 'fail' })
  expect(await failed.ended()).toBe(1)
  expect(JSON.parse(failed.out())).toMatchObject({ summary: { ok: 1, warn: 0, fail: 1, skip: 0 } })
})
