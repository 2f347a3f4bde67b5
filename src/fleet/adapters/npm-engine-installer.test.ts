import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '#platform/clock.ts'
import { createNpmEngineInstaller } from './npm-engine-installer.ts'

/**
 * An npm that installs what its lock says, without a network: it checks that it was called as the real one must be,
 * counts its calls, and fails in the way the file `mode` beside it says.
 */
const fakeNpm = `#!/bin/sh
bin=$(dirname "$0")
echo run >> "$bin/calls"
[ "$*" = "ci --omit=optional --ignore-scripts --no-audit --no-fund --loglevel=http" ] || { echo "npm error wrong call: $*"; exit 9; }
[ -n "$SECRET" ] && { echo "npm error a variable leaked"; exit 9; }
[ "$npm_config_cache" = /some/cache ] || { echo "npm error the cache setting is lost"; exit 9; }
[ -z "$npm_config_prefix" ] || { echo "npm error the prefix setting came through"; exit 9; }
echo "npm http fetch GET 200 https://registry.example/engine 5ms"
case $(cat "$bin/mode") in
  offline) echo "npm error code ECONNREFUSED request to https://registry.example/engine failed" >&2; exit 1 ;;
  changed) mkdir node_modules; sed 's/sha512-cpu/sha512-evil/' package-lock.json > node_modules/.package-lock.json ;;
  hang) echo started > "$bin/started"; sleep 60 ;;
  *) mkdir node_modules; sleep 0.1; cp package-lock.json node_modules/.package-lock.json ;;
esac
`

let root: string
const bin = () => join(root, 'bin')
const mode = (name: string) => writeFile(join(bin(), 'mode'), name)
const calls = async () => (await readFile(join(bin(), 'calls'), 'utf8').catch(() => '')).split('\n').length - 1

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hearth-installer-'))
  await mkdir(bin())
  await writeFile(join(bin(), 'npm'), fakeNpm)
  await chmod(join(bin(), 'npm'), 0o755)
  const runtime = join(root, 'engines/tiny/runtime')
  await mkdir(runtime, { recursive: true })
  const files = {
    'package.json': { dependencies: { engine: '1.2.3' } },
    'package-lock.json': {
      packages: { '': {}, 'node_modules/engine': { version: '1.2.3', integrity: 'sha512-engine' } },
    },
    'variants.json': { 'linux-x64': { cpu: 'sha512-cpu' } },
  }
  for (const [name, content] of Object.entries(files)) await writeFile(join(runtime, name), JSON.stringify(content))
})
afterAll(() => rm(root, { recursive: true, force: true }))

async function installer(options: { readonly path?: string; readonly platform?: string } = {}) {
  const enginesDir = await mkdtemp(join(root, 'home-'))
  const path = options.path ?? `${bin()}:/usr/bin:/bin`
  return {
    enginesDir,
    installer: createNpmEngineInstaller({
      enginesDir,
      sourceDir: join(root, 'engines'),
      environment: {
        PATH: path,
        HOME: root,
        SECRET: 'x',
        npm_config_cache: '/some/cache',
        npm_config_prefix: '/elsewhere',
      },
      machine: {
        platform: options.platform ?? 'linux',
        architecture: 'x64',
        hasNvidiaDriver: true,
        hasVulkan: false,
        hasGlibc: true,
      },
      clock: systemClock,
    }),
  }
}

const never = new AbortController().signal

test('an engine is installed once, however many ask at once, and then known', async () => {
  await mode('good')
  const { installer: one, enginesDir } = await installer()
  expect(await one.list()).toEqual([{ name: 'tiny', isInstalled: false, version: '1.2.3', variant: 'linux-x64' }])
  const before = await calls()
  const phases = await Promise.all(
    [1, 2, 3].map(async () => {
      const told: string[] = []
      await one.install('tiny', (step) => told.push(step.phase), never)
      return told
    }),
  )
  expect((await calls()) - before).toBe(1)
  // Which of them gets the lock is chance.
  expect(phases).toContainEqual(['preparing', 'downloading', 'checking', 'done'])
  expect(await one.isInstalled('tiny')).toBe(true)
  expect(existsSync(join(one.runtimeDir('tiny'), 'node_modules'))).toBe(true)
  expect(await readdir(enginesDir)).toEqual(['tiny'])
  await one.install('tiny', () => {}, never)
  expect((await calls()) - before).toBe(1)
})

test('the lock of a dead process does not stop anyone', async () => {
  await mode('good')
  const { installer: one, enginesDir } = await installer()
  await writeFile(join(enginesDir, 'tiny.lock'), '4194304')
  await one.install('tiny', () => {}, never)
  expect(await one.isInstalled('tiny')).toBe(true)
})

describe('a failure leaves nothing behind and says what to do', () => {
  for (const [name, how, options, message] of [
    [
      'no network',
      'offline',
      {},
      /could not be installed: npm could not reach https:\/\/registry.example\. Check this machine's network/,
    ],
    [
      'a changed package',
      'changed',
      {},
      /was not installed: node_modules\/cpu has another digest than the one that is pinned/,
    ],
    ['no npm', 'good', { path: '/nowhere' }, /there is no npm on the PATH\. Install Node.js 20 or newer/],
    ['no build', 'good', { platform: 'plan9' }, /There is no build of this engine for plan9 on x64/],
  ] as const) {
    test(name, async () => {
      await mode(how)
      const { installer: one, enginesDir } = await installer(options)
      await expect(one.install('tiny', () => {}, never)).rejects.toThrow(message)
      expect(await readdir(enginesDir)).toEqual([])
      expect(await one.isInstalled('tiny')).toBe(false)
    })
  }

  test('an abort', async () => {
    await mode('hang')
    const { installer: one, enginesDir } = await installer()
    const abort = new AbortController()
    const running = one.install('tiny', () => {}, abort.signal)
    while (!existsSync(join(bin(), 'started'))) await Bun.sleep(5)
    abort.abort(new Error('no longer wanted'))
    await expect(running).rejects.toThrow('no longer wanted')
    expect(await readdir(enginesDir)).toEqual([])
  })

  test('an unknown name', async () => {
    const { installer: one } = await installer()
    await expect(one.install('../etc', () => {}, never)).rejects.toThrow('There is no engine called "../etc"')
  })
})
