import { dirname, join, normalize } from 'node:path'
import {
  adapterPackages,
  areas,
  capabilities,
  coreImports,
  corePackages,
  domainImports,
  domainPackages,
  domains,
  impureNames,
  layers,
  passengers,
  workers,
} from '../../architecture.ts'
import type { Area, Capability, Layer } from '../../architecture.ts'
import { readSource } from './source.ts'
import type { Facts, Import } from './source.ts'

/** Path from the repository's root → text. */
export type Sources = ReadonlyMap<string, string>

export interface House {
  readonly files: ReadonlyMap<string, Facts>
}

export function readHouse(sources: Sources): House {
  return { files: new Map([...sources].map(([path, text]) => [path, readSource(path, text)])) }
}

/** All violations, one sentence each, with file and line. */
export function violations(house: House): readonly string[] {
  return [...house.files].flatMap(([path, facts]) => [
    ...importViolations(path, facts, house),
    ...capabilityViolations(path, facts),
    ...impurities(path, facts),
    ...(worksAtImport(path) ? [] : facts.workAtImport.map((line) => `${path}:${line} does work when it is imported`)),
  ])
}

/** Where a file of ours lies, or the package's name. */
export type Target =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'package'; readonly name: string }

export function resolveImport(from: string, specifier: string): Target {
  if (specifier.startsWith('#')) return { kind: 'file', path: `src/${specifier.slice(1)}` }
  if (specifier.startsWith('.')) return { kind: 'file', path: normalize(join(dirname(from), specifier)) }
  const parts = specifier.split('/')
  const isWhole = specifier.includes(':') || !specifier.startsWith('@')
  const name = specifier.startsWith('node:') ? specifier : isWhole ? (parts[0] ?? '') : parts.slice(0, 2).join('/')
  return { kind: 'package', name }
}

function importViolations(path: string, facts: Facts, house: House): readonly string[] {
  const isTest = isTestFile(path)
  return facts.imports.flatMap((each) => {
    const target = resolveImport(path, each.from)
    const at = `${path}:${each.line}`
    if (each.from.startsWith('#') && /^(web|sdk)\//.test(path)) {
      return [`${at} uses the alias ${each.from}, which belongs to the root's package.json: write a relative path`]
    }
    if (target.kind === 'package') {
      return isTest || mayUsePackage(path, target.name) ? [] : [`${at} may not import the package ${target.name}`]
    }
    if (/\.[jt]sx?$/.test(target.path) && !house.files.has(target.path))
      return [`${at} imports ${target.path}, which is not there`]
    if (isTest ? mayTestReach(path, target.path) : mayImport(path, target.path, each)) return []
    return [`${at} may not import ${target.path}${each.isType ? ' (types)' : ''}`]
  })
}

function mayImport(path: string, target: string, how: Import): boolean {
  const domain = domainOf(path)
  if (domain === null) return mayAreaImport(areaOf(path), target, how)
  const layer = layerOf(path)
  if (layer === null) return false // told by strangeFiles()
  if (domainOf(target) === domain) return mayLayerImport(layer, target, how)
  const outside: readonly string[] = layer === 'core' ? coreImports : domainImports
  const isPassenger = passengers.some((each) => each === domain)
  return outside.concat(isPassenger ? ['src/passage/'] : []).some((allowed) => matches(allowed, target, how))
}

function mayLayerImport(layer: Layer, target: string, how: Import): boolean {
  const other = layerOf(target)
  if (other === null) return false
  if (other === layer) return true
  const allowed: readonly string[] = layers[layer]
  return allowed.includes(other) || (how.isType && allowed.includes(`${other} types`))
}

function mayAreaImport(area: Area | null, target: string, how: Import): boolean {
  if (area === null) return true // test/, tools/, bench/, architecture.ts: they may look at everything
  return target.startsWith(area.path) || area.imports.some((allowed) => matches(allowed, target, how))
}

/** Tests use their own domain and what is meant for tests; the walls between domains hold for them too. */
function mayTestReach(path: string, target: string): boolean {
  const domain = domainOf(path)
  const other = domainOf(target)
  return domain === null || other === null || domain === other
}

function matches(allowed: string, target: string, how: Import): boolean {
  const [prefix = '', only] = allowed.split(' ')
  if (only === 'types' && !how.isType) return false
  return prefix.endsWith('/') ? target.startsWith(prefix) : target === prefix
}

function mayUsePackage(path: string, name: string): boolean {
  // its names are capabilities; bun:test says itself where it runs
  if (name === 'bun' || name === 'bun:test') return true
  const list = packagesOf(path)
  return list === null || list.some((allowed) => allowed === name || (allowed === 'node:*' && name.startsWith('node:')))
}

function packagesOf(path: string): readonly string[] | null {
  if (domainOf(path) === null) return areaOf(path)?.packages ?? null
  const layer = layerOf(path)
  if (layer === 'core') return corePackages
  const touchesMachine = layer === 'adapters' || layer === 'service' || layer === 'index'
  return touchesMachine ? [...domainPackages, ...adapterPackages] : domainPackages
}

function capabilityViolations(path: string, facts: Facts): readonly string[] {
  if (isTestFile(path)) return []
  return capabilities.flatMap((capability) => {
    if (!isGuarded(capability, path)) return []
    const mentioned = facts.mentions
      .filter(({ name }) => capability.uses.some((use) => name === use || name.startsWith(`${use}.`)))
      .map(({ name, line }) => ({ what: name, line }))
    const imported = facts.imports
      .filter((each) => !each.isType && capability.modules.includes(each.from))
      .map(({ from, line }) => ({ what: from, line }))
    return [...mentioned, ...imported].map(
      ({ what, line }) => `${path}:${line} uses ${what}: ${capability.name} belong to ${capability.allowed[0]?.path}`,
    )
  })
}

function isGuarded(capability: Capability, path: string): boolean {
  const isInside = capability.guarded.some((prefix) => path.startsWith(prefix))
  return (
    isInside && !capability.allowed.some((allowed) => matches(allowed.path, path, { from: '', isType: true, line: 0 }))
  )
}

function impurities(path: string, facts: Facts): readonly string[] {
  if (isTestFile(path) || !isPure(path)) return []
  const banned = [...impureNames, ...capabilities.flatMap((capability) => capability.uses)]
  return facts.mentions
    .filter(({ name }) => banned.some((each) => name === each || name.startsWith(`${each}.`)))
    .map(({ name, line }) => `${path}:${line} is pure and may not use ${name}`)
}

export function isPure(path: string): boolean {
  return domainOf(path) === null ? areaOf(path)?.isPure === true : layerOf(path) === 'core'
}

function worksAtImport(path: string): boolean {
  return !path.startsWith('src/') || path === 'src/main.ts' || workers.includes(path) || isTestFile(path)
}

/** Files of a domain whose name says no layer: the same shape everywhere. */
export function strangeFiles(paths: Iterable<string>): readonly string[] {
  return [...paths].filter((path) => domainOf(path) !== null && !isTestFile(path) && layerOf(path) === null)
}

/** Folders under src/ that architecture.ts does not know. */
export function unknownFolders(paths: Iterable<string>): readonly string[] {
  const folders = new Set([...paths].flatMap((path) => /^src\/([^/]+)\//.exec(path)?.[1] ?? []))
  const known = new Set<string>([
    ...domains,
    'catalogue',
    'config',
    'kernel',
    'protocol',
    'platform',
    'passage',
    'compose',
  ])
  return [...folders].filter((folder) => !known.has(folder))
}

export function domainOf(path: string): string | null {
  const name = /^src\/([^/]+)\//.exec(path)?.[1]
  return domains.find((domain) => domain === name) ?? null
}

/** `src/fleet/service/queue.ts` → `service`; a test has the layer of what it stands beside. */
export function layerOf(path: string): Layer | null {
  const name = /^src\/[^/]+\/([^/.]+)/.exec(path)?.[1] ?? ''
  return name in layers ? (name as Layer) : null
}

function areaOf(path: string): Area | null {
  const fitting = areas.filter((area) => (area.path.endsWith('/') ? path.startsWith(area.path) : path === area.path))
  return fitting.toSorted((a, b) => b.path.length - a.path.length)[0] ?? null
}

export function isTestFile(path: string): boolean {
  return /\.test\.tsx?$/.test(path) || /(^|\/)(fixtures|testing)\//.test(path)
}

/** Every file that `entry` reaches at run time (type-only imports left out), sorted; packages as `package:name`. */
export function closure(house: House, entry: string): readonly string[] {
  const seen = new Set<string>()
  const open = [entry]
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path)) continue
    seen.add(path)
    for (const each of house.files.get(path)?.imports ?? []) {
      if (each.isType) continue
      const target = resolveImport(path, each.from)
      if (target.kind === 'file') open.push(target.path)
      else seen.add(`package:${target.name}`)
    }
  }
  return [...seen].sort()
}

/** A cycle in a graph of names, or null. */
export function findCycle(graph: Readonly<Record<string, readonly string[]>>): readonly string[] | null {
  const done = new Set<string>()
  const visit = (name: string, trail: readonly string[]): readonly string[] | null => {
    if (trail.includes(name)) return [...trail.slice(trail.indexOf(name)), name]
    if (done.has(name)) return null
    for (const next of graph[name] ?? []) {
      const cycle = visit(next, [...trail, name])
      if (cycle) return cycle
    }
    done.add(name)
    return null
  }
  for (const name of Object.keys(graph)) {
    const cycle = visit(name, [])
    if (cycle) return cycle
  }
  return null
}
