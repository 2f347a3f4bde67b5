import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { areas, capabilities, domains, processes, uses } from '../architecture.ts'
import { listFiles, programPatterns, readFiles, root } from './architecture/repository.ts'
import {
  closure,
  findCycle,
  isPure,
  readHouse,
  strangeFiles,
  unknownFolders,
  violations,
} from './architecture/rules.ts'

const house = readHouse(readFiles(...programPatterns))
const paths = [...house.files.keys()]

describe('the house', () => {
  test('was really looked at', () => {
    const imports = [...house.files.values()].flatMap((facts) => facts.imports)
    expect(paths.filter((path) => path.startsWith('src/')).length).toBeGreaterThan(60)
    expect(imports.length).toBeGreaterThan(200)
    expect(imports.filter((each) => each.isType).length).toBeGreaterThan(60)
    expect(paths.filter(isPure).length).toBeGreaterThan(15)
  })

  test('keeps the import directions, the purity and the capabilities of architecture.ts', () => {
    expect(violations(house)).toEqual([])
  })

  test('has domains of one shape', () => {
    expect(strangeFiles(paths)).toEqual([])
    expect(unknownFolders(paths)).toEqual([])
  })

  test('gives every domain a README and a door', () => {
    const built = domains.filter((domain) => paths.some((path) => path.startsWith(`src/${domain}/`)))
    const missing = built.flatMap((domain) => ['README.md', 'index.ts'].map((file) => `src/${domain}/${file}`))
    expect(missing.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  test('introduces domains to one another without a cycle', () => {
    expect(findCycle(uses)).toBeNull()
  })

  test('names only places that exist among the exceptions', () => {
    const exceptions = capabilities.flatMap((capability) => capability.allowed.map((allowed) => allowed.path))
    const known = [...exceptions, ...areas.map((area) => area.path)].filter((path) => !mayBeAbsent.has(path))
    const absent = known.filter(
      (path) => !paths.some((file) => file === path || (path.endsWith('/') && file.startsWith(path))),
    )
    expect(absent).toEqual([])
  })
})

/** Folders of the design that may hold nothing yet. */
const mayBeAbsent = new Set(['src/compose/', 'src/roles.ts'])

describe('closures', () => {
  const isUpdate = process.env['HEARTH_UPDATE_CLOSURES'] === '1'

  test.each(processes.map((each) => [each.name, each.entry] as const))(
    '%s reaches what its list says',
    (name, entry) => {
      const reached = closure(house, entry)
      expect(reached.length).toBeGreaterThan(3)
      const list = join(root, `test/closures/${name}.txt`)
      const text = `${reached.join('\n')}\n`
      if (isUpdate) writeFileSync(list, text)
      // A difference: run `HEARTH_UPDATE_CLOSURES=1 npm test -- test/architecture` and look at what came in.
      expect(text).toBe(existsSync(list) ? readFileSync(list, 'utf8') : '')
    },
  )

  test('keep the server free of the command line, the page, the tests and the emergency console', () => {
    const reached = closure(house, 'src/main.ts')
    expect(reached.filter((path) => /^(cli|web|test|tools|bench|breakglass|engines)\//.test(path))).toEqual([])
  })

  test('keep the emergency console and the server apart', () => {
    const consoles = paths.filter((path) => path.startsWith('breakglass/'))
    const reached = consoles.flatMap((path) => closure(house, path))
    expect(reached.filter((path) => path.startsWith('src/'))).toEqual([])
  })
})

describe('package.json', () => {
  test('tells an incomplete lock from a complete one', () => {
    const entry = { version: '1.0.0', integrity: 'sha512-x' }
    const asker = { version: '2.0.0', integrity: 'sha512-y', optionalDependencies: { '@tool/mac': '1.0.0' } }
    const complete = { 'node_modules/tool': asker, 'node_modules/@tool/mac': entry }
    expect(incompleteEntries({ packages: complete })).toEqual([])
    const nested = { 'node_modules/tool': asker, 'node_modules/tool/node_modules/@tool/mac': entry }
    expect(incompleteEntries({ packages: nested })).toEqual([])
    expect(incompleteEntries({ packages: { 'node_modules/tool': asker } })).toHaveLength(1)
    expect(
      incompleteEntries({ packages: { ...complete, 'node_modules/@tool/mac': { version: '1.0.0' } } }),
    ).toHaveLength(1)
    const other = { ...complete, 'node_modules/@tool/mac': { ...entry, version: '0.9.0' } }
    expect(incompleteEntries({ packages: other })).toHaveLength(1)
  })

  test('has full lock entries for every optional platform package', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock
    const optional = optionalPackages(lock)
    expect(optional.length).toBeGreaterThan(20)
    expect(incompleteEntries(lock)).toEqual([])
  })

  test('pins exact versions', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
      string,
      Record<string, string>
    >
    const all = { ...manifest['dependencies'], ...manifest['devDependencies'] }
    expect(Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
  })

  test('is the only one above files that use its aliases', () => {
    const nested = listFiles('{src,cli,engines,test,tools,sdk,web}/**/package.json').map((path) =>
      path.replace('package.json', ''),
    )
    const users = [...house.files].filter(([, facts]) => facts.imports.some((each) => each.from.startsWith('#')))
    expect(users.map(([path]) => path).filter((path) => nested.some((folder) => path.startsWith(folder)))).toEqual([])
  })
})

interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>
}

interface LockEntry {
  readonly version?: string
  readonly integrity?: string
  readonly inBundle?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** Who asks, for what, in which version. */
function optionalPackages(lock: Lock) {
  return Object.entries(lock.packages).flatMap(([path, entry]) =>
    Object.entries(entry.optionalDependencies ?? {}).map(([name, wanted]) => ({ path, name, wanted })),
  )
}

/** npm 11 refuses a lock without them, and npm 10 does not tell. */
function incompleteEntries(lock: Lock): readonly string[] {
  return optionalPackages(lock).flatMap(({ path, name, wanted }) => {
    const entry = nearestEntry(lock, path, name)
    if (entry === null) return [`${path} wants ${name}, which has no entry`]
    if (/^\d/.test(wanted) && entry.version !== wanted)
      return [`${path} wants ${name} ${wanted}, the entry is ${entry.version}`]
    return entry.version && (entry.integrity || entry.inBundle) ? [] : [`${path}: the entry of ${name} is not complete`]
  })
}

/** As Node finds a package: in the asker's own node_modules, then in those of the folders around it. */
function nearestEntry(lock: Lock, asker: string, name: string): LockEntry | null {
  const parts = asker === '' ? [] : asker.split(/(?:^|\/)node_modules\//).slice(1)
  for (let depth = parts.length; depth >= 0; depth--) {
    const path = [...parts.slice(0, depth), name].map((part) => `node_modules/${part}`).join('/')
    const entry = lock.packages[path]
    if (entry) return entry
  }
  return null
}
