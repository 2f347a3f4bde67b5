import { existsSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, messageOf } from '#kernel/errors.ts'
import type { Clock, EpochMs } from '#kernel/time.ts'
import { randomHex } from '#platform/crypto/random.ts'
import { startChild } from '#platform/process/child.ts'
import {
  chooseVariant,
  differsFromLock,
  explainNpmFailure,
  type ChosenVariant,
  type LockFile,
  type MachineFacts,
  type PackageFile,
  type VariantPackages,
  withVariant,
} from '../core/engine-runtime.ts'
import type { EngineFacts, EngineInstaller, InstallStep } from '../ports.ts'

export interface NpmEngineInstallerOptions {
  /** `HEARTH_HOME/engines`. */
  readonly enginesDir: string
  /** The repository's `engines/`: each engine that can be installed has `<name>/runtime/` with its lock. */
  readonly sourceDir: string
  /** npm gets PATH, HOME, its own `npm_config_*` and the certificates from here, nothing else. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly machine: MachineFacts
  readonly clock: Clock
}

const maxInstallMs = 30 * 60_000
const lockPollMs = 250
const stopGraceMs = 2000
const maxLinesKept = 400
/** How long a lock file may be without its owner's name. */
const unsignedMs = 10_000
/** `npm ci` from a lock without addresses asks twice for each package: where it is, and for its bytes. */
const requestsPerPackage = 2

export function createNpmEngineInstaller(
  options: NpmEngineInstallerOptions,
): EngineInstaller & { runtimeDir(name: string): string } {
  const runtimeDir = (name: string): string => join(options.enginesDir, name)
  const facts = async (name: string): Promise<EngineFacts> => {
    const engine = await readEngine(options, name)
    const installed = await readInstalled(runtimeDir(name))
    const variant = engine.variant.kind === 'variant' ? engine.variant.name : null
    const isInstalled = installed !== null && installed.version === engine.version
    return { name, isInstalled, version: engine.version, variant: isInstalled ? installed.variant : variant }
  }
  return {
    runtimeDir,
    async list() {
      const entries = await readdir(options.sourceDir)
      const names = entries.filter((name) => existsSync(join(options.sourceDir, name, 'runtime', 'variants.json')))
      return Promise.all(names.toSorted().map(facts))
    },
    async isInstalled(name) {
      return (await facts(name)).isInstalled
    },
    async install(name, onProgress, signal) {
      const engine = await readEngine(options, name)
      if ((await facts(name)).isInstalled) return
      await mkdir(options.enginesDir, { recursive: true })
      const unlock = await lock({
        path: join(options.enginesDir, `${name}.lock`),
        clock: options.clock,
        onProgress,
        signal,
      })
      try {
        // Whoever held the lock before us may have done it.
        if ((await facts(name)).isInstalled) return
        await installLocked({ ...options, engine, target: runtimeDir(name), onProgress, signal })
      } finally {
        await unlock()
      }
    },
  }
}

interface EngineSource {
  readonly name: string
  readonly version: string
  readonly manifest: PackageFile
  readonly lock: LockFile
  readonly variant: ChosenVariant
}

async function readEngine(options: NpmEngineInstallerOptions, name: string): Promise<EngineSource> {
  const folder = join(options.sourceDir, name, 'runtime')
  if (!/^[a-z0-9-]+$/.test(name) || !existsSync(join(folder, 'variants.json'))) {
    throw new AppError('not_found', `There is no engine called ${JSON.stringify(name)} that Hearth can install.`)
  }
  const read = async (file: string): Promise<unknown> => JSON.parse(await readFile(join(folder, file), 'utf8'))
  const manifest = (await read('package.json')) as PackageFile
  const variants = (await read('variants.json')) as Readonly<Record<string, VariantPackages>>
  const [version = ''] = Object.values(manifest.dependencies)
  const locked = (await read('package-lock.json')) as LockFile
  return { name, version, manifest, lock: locked, variant: chooseVariant(options.machine, variants) }
}

interface Installed {
  readonly version: string
  readonly variant: string
}

async function readInstalled(folder: string): Promise<Installed | null> {
  try {
    return JSON.parse(await readFile(join(folder, 'installed.json'), 'utf8')) as Installed
  } catch {
    return null
  }
}

interface Installation extends NpmEngineInstallerOptions {
  readonly engine: EngineSource
  readonly target: string
  onProgress(step: InstallStep): void
  readonly signal: AbortSignal
}

/** Everything happens in a folder beside the target; the target changes by two renames or not at all. */
async function installLocked(work: Installation): Promise<void> {
  const { engine } = work
  if (engine.variant.kind === 'none') throw new AppError('unavailable', engine.variant.message, { reason: 'no_build' })
  work.onProgress({ phase: 'preparing', progress: 0 })
  const staging = `${work.target}.${engine.version}.tmp`
  const retired = `${work.target}.old.tmp`
  try {
    await rm(staging, { recursive: true, force: true })
    await mkdir(staging, { recursive: true })
    const files = withVariant(engine, { version: engine.version, packages: engine.variant.packages })
    await writeFile(join(staging, 'package.json'), JSON.stringify(files.manifest, null, 2))
    await writeFile(join(staging, 'package-lock.json'), JSON.stringify(files.lock, null, 2))
    await runNpm(work, staging, Object.keys(files.lock.packages).length * requestsPerPackage)
    work.onProgress({ phase: 'checking', progress: 0.97 })
    await verify(engine.name, staging, files.lock)
    const installed: Installed = { version: engine.version, variant: engine.variant.name }
    await writeFile(join(staging, 'installed.json'), JSON.stringify(installed, null, 2))
    await rm(retired, { recursive: true, force: true })
    if (existsSync(work.target)) await rename(work.target, retired)
    await rename(staging, work.target)
    work.onProgress({ phase: 'done', progress: 1 })
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown
    const message = `The engine "${engine.name}" could not be installed into ${work.target}: ${messageOf(thrown)}.`
    throw new AppError('unavailable', message, { reason: 'install_failed', cause: thrown })
  } finally {
    await rm(staging, { recursive: true, force: true })
    await rm(retired, { recursive: true, force: true })
  }
}

async function runNpm(work: Installation, cwd: string, requests: number): Promise<void> {
  const npm = Bun.which('npm', { PATH: work.environment.PATH ?? '' })
  if (npm === null) {
    const message = `The engine "${work.engine.name}" is installed with npm, and there is no npm on the PATH. \
Install Node.js 20 or newer (it brings npm) and try again.`
    throw new AppError('unavailable', message, { reason: 'npm_missing' })
  }
  work.signal.throwIfAborted()
  let seen = 0
  const lines: string[] = []
  const child = startChild({
    argv: [npm, 'ci', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=http'],
    env: { ...npmEnvironment(work.environment), [markName]: randomHex(16) },
    cwd,
    markName,
    onLine(line) {
      if (/^npm http (fetch|cache)/.test(line)) {
        seen += 1
        work.onProgress({ phase: 'downloading', progress: Math.min(0.95, (seen / requests) * 0.95) })
      } else if (lines.length < maxLinesKept) lines.push(line)
    },
  })
  const stop = (): void => void child.stop(stopGraceMs)
  const deadline = setTimeout(stop, maxInstallMs)
  work.signal.addEventListener('abort', stop, { once: true })
  const exit = await child.exited
  clearTimeout(deadline)
  work.signal.removeEventListener('abort', stop)
  work.signal.throwIfAborted()
  if (exit.code === 0) return
  const message = `The engine "${work.engine.name}" could not be installed: ${explainNpmFailure(lines, exit.code)}.`
  throw new AppError('unavailable', message, { reason: 'install_failed' })
}

/** A variable that only this npm and what it starts carry. */
const markName = 'HEARTH_INSTALL'

/** Settings of an npm that started us and that mean another folder or another job than ours. */
const notForUs = /^npm_config_(prefix|local_prefix|global_prefix|global|dry_run|package_lock|package_lock_only)$/i

function npmEnvironment(from: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(from)) {
    const isWanted =
      /^(PATH|HOME|TMPDIR|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR)$/.test(name) ||
      (/^npm_config_/i.test(name) && !notForUs.test(name))
    if (isWanted && value !== undefined) env[name] = value
  }
  return env
}

async function verify(name: string, folder: string, locked: LockFile): Promise<void> {
  const path = join(folder, 'node_modules', '.package-lock.json')
  const difference = differsFromLock(locked, JSON.parse(await readFile(path, 'utf8')) as LockFile)
  if (difference === null) return
  const message = `The engine "${name}" was not installed: ${difference}. Try again; if it happens twice, check npm's registry.`
  throw new AppError('unavailable', message, { reason: 'install_failed' })
}

/** One installer per engine and home: the file names its owner, and is taken over when that process is gone. */
async function lock(claim: {
  readonly path: string
  readonly clock: Clock
  onProgress(step: InstallStep): void
  readonly signal: AbortSignal
}): Promise<() => Promise<void>> {
  const { path, clock, onProgress, signal } = claim
  for (;;) {
    signal.throwIfAborted()
    const file = await open(path, 'wx').catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === 'EEXIST') return null
      throw new AppError('unavailable', `Cannot write ${path}: ${thrown.message}.`, { cause: thrown })
    })
    if (file !== null) {
      await file.writeFile(String(process.pid))
      await file.close()
      return () => rm(path, { force: true })
    }
    if (await isAbandoned(path, clock.now())) await rm(path, { force: true })
    else {
      onProgress({ phase: 'waiting for another installation', progress: null })
      await Bun.sleep(lockPollMs)
    }
  }
}

async function isAbandoned(path: string, now: EpochMs): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(path)
    if (now - mtimeMs > maxInstallMs) return true
    const owner = Number(await readFile(path, 'utf8'))
    // Still empty: it was made this instant, and its owner is about to sign it.
    if (owner === 0) return now - mtimeMs > unsignedMs
    process.kill(owner, 0)
    return false
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** What decides between the builds. */
export function readMachineFacts(): MachineFacts {
  const libraries = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib']
  const has = (name: string): boolean => libraries.some((folder) => existsSync(join(folder, name)))
  return {
    platform: process.platform,
    architecture: process.arch,
    hasNvidiaDriver: existsSync('/proc/driver/nvidia/version') || existsSync('/dev/nvidiactl'),
    hasVulkan: has('libvulkan.so.1') && existsSync('/dev/dri'),
    hasGlibc:
      !existsSync(`/lib/ld-musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`) ||
      existsSync('/lib64/ld-linux-x86-64.so.2'),
  }
}
