/**
 * Which build of an engine fits a machine, and the exact packages of that build. Pure: the adapter reads and
 * writes.
 */
export interface MachineFacts {
  readonly platform: string
  readonly architecture: string
  readonly hasNvidiaDriver: boolean
  readonly hasVulkan: boolean
  /** False: musl, for which there are no builds. */
  readonly hasGlibc: boolean
}

/** Package → its pinned digest; null = the registry's own digest is trusted, since nobody could pin it yet. */
export type VariantPackages = Readonly<Record<string, string | null>>

export type ChosenVariant =
  | { readonly kind: 'variant'; readonly name: string; readonly packages: VariantPackages }
  | { readonly kind: 'none'; readonly message: string }

/** The best of the variants that the engine ships for this machine: CUDA before Vulkan before the processor alone. */
export function chooseVariant(
  machine: MachineFacts,
  variants: Readonly<Record<string, VariantPackages>>,
): ChosenVariant {
  for (const name of wishes(machine)) {
    const packages = variants[name]
    if (packages !== undefined) return { kind: 'variant', name, packages }
  }
  const libc = machine.platform === 'linux' && !machine.hasGlibc ? ' with musl instead of glibc' : ''
  const message = `There is no build of this engine for ${machine.platform} on ${machine.architecture}${libc}. \
Use an engine of your own: a recipe with "cmd".`
  return { kind: 'none', message }
}

function wishes(machine: MachineFacts): readonly string[] {
  if (machine.platform === 'darwin') return machine.architecture === 'arm64' ? ['mac-arm64-metal'] : ['mac-x64']
  if (machine.platform !== 'linux' || !machine.hasGlibc) return []
  const plain = `linux-${machine.architecture}`
  return [
    ...(machine.hasNvidiaDriver ? [`${plain}-cuda`] : []),
    ...(machine.hasVulkan ? [`${plain}-vulkan`] : []),
    plain,
  ]
}

export interface PackageFile {
  readonly dependencies: Readonly<Record<string, string>>
}

export interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

export interface LockedPackage {
  readonly version?: string
  readonly integrity?: string
  readonly dependencies?: Readonly<Record<string, string>>
}

/**
 * The package.json and package-lock.json of one variant: the checked-in ones with the variant's packages beside the
 * engine's own. The platform packages are not in the checked-in lock, because `npm ci` would then want all of them.
 */
export function withVariant(
  files: { readonly manifest: PackageFile; readonly lock: LockFile },
  variant: { readonly version: string; readonly packages: VariantPackages },
): { readonly manifest: PackageFile; readonly lock: LockFile } {
  const dependencies: Record<string, string> = { ...files.manifest.dependencies }
  const packages: Record<string, LockedPackage> = { ...files.lock.packages }
  for (const [name, integrity] of Object.entries(variant.packages)) {
    dependencies[name] = variant.version
    packages[`node_modules/${name}`] = { version: variant.version, ...(integrity === null ? {} : { integrity }) }
  }
  packages[''] = { ...packages[''], dependencies }
  return { manifest: { ...files.manifest, dependencies }, lock: { ...files.lock, packages } }
}

/** Where what npm installed differs from what was locked, as a sentence; null = it is the same. */
export function differsFromLock(locked: LockFile, installed: LockFile): string | null {
  for (const [path, wanted] of Object.entries(locked.packages)) {
    if (path === '') continue
    const found = installed.packages[path]
    if (found === undefined) return `${path} is missing`
    if (found.version !== wanted.version)
      return `${path} is ${found.version ?? 'unknown'} instead of ${wanted.version ?? 'unknown'}`
    const isOther = wanted.integrity !== undefined && found.integrity !== wanted.integrity
    if (isOther) return `${path} has another digest than the one that is pinned`
  }
  return null
}

/** Why npm failed, from what it wrote: what happened and what to do. */
export function explainNpmFailure(lines: readonly string[], code: number | null): string {
  const text = lines.join('\n')
  const registry = /https?:\/\/[^/\s]+/.exec(text)?.[0] ?? 'its registry'
  if (/EINTEGRITY/.test(text)) {
    return `a package that arrived is not the one that is pinned (EINTEGRITY). Nothing was installed. \
Clear npm's cache with "npm cache verify", and check the registry that npm uses`
  }
  if (/ENOSPC/.test(text)) return 'the disk is full. Free at least 1 GiB and try again'
  if (/EACCES|EPERM|EROFS/.test(text))
    return "npm may not write there. Check the owner of the folder and of npm's cache"
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT/.test(text)) {
    return `npm could not reach ${registry}. Check this machine's network and npm's registry setting, then try again`
  }
  if (/E401|E403|E404|ETARGET/.test(text)) {
    return `${registry} does not have one of the packages, or does not give it to this machine. \
Check npm's registry setting`
  }
  const last = lines.findLast((line) => line.startsWith('npm error') && !/complete log|^npm error\s*$/.test(line))
  return `npm ended with code ${code ?? 'unknown'}${last === undefined ? '' : `: ${last.replace(/^npm error\s*/, '')}`}`
}
