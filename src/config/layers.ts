import { splitArgv } from './argv.ts'
import type { Problem, Source } from './contract.ts'
import type { Environment } from './env.ts'
import { show } from './leaves.ts'
import type { Step, YamlFile } from './yaml-file.ts'

/**
 * The layers of a configuration laid over each other: environment > file > overlay > default. Lists whose entries
 * have a name are one layer per entry: an overlay adds entries, and an entry of the file goes before one of the same
 * name.
 */
export interface Layers {
  /** As the schema takes it. */
  readonly tree: Readonly<Record<string, unknown>>
  /** The same before `${NAME}` was filled in: what may be shown. */
  readonly written: Readonly<Record<string, unknown>>
  readonly problems: readonly Problem[]
  readonly warnings: readonly string[]
  sourceOf(path: readonly Step[]): Where
}

export interface Where {
  readonly source: Source
  readonly line: number | null
  /** How a person calls the setting: its path, with the variable's name where it comes from the environment. */
  readonly name: string
}

/** The lists that an overlay can add to, by their path, and what names an entry. */
export const namedLists: ReadonlyMap<string, string> = new Map([
  ['models', 'id'],
  ['upstreams', 'name'],
  ['routes', 'model'],
  ['privacy.policies', 'name'],
])

type Tree = Record<string, unknown>

export function layConfig(options: {
  readonly environment: Environment
  readonly file: YamlFile
  readonly overlay: Readonly<Record<string, unknown>>
}): Layers {
  const { environment, file } = options
  const problems: Problem[] = []
  const warnings: string[] = []
  const fromOverlay = new Set<string>()
  const fromEnvironment = new Map<string, string>()
  const tree: Tree = {}

  for (const [path, value] of Object.entries(options.overlay)) layOverlay(tree, path, value, fromOverlay)
  if (file.tree !== undefined && file.tree !== null && !isTree(file.tree)) {
    problems.push({
      path: '',
      line: 1,
      message: `The file is ${show(file.tree)}, but must hold settings by name.`,
      fix: 'Begin with `server:`.',
    })
  } else {
    layFile(tree, withoutNulls(file.tree ?? {}) as Tree, { fromOverlay, warnings })
  }
  for (const { variable, path, value } of environmentSettings(environment)) {
    put(tree, path, value)
    fromEnvironment.set(path.join('.'), variable)
  }
  const filled = fillIn(tree, { environment, problems, nameOf: (path) => sourceOf(path) })

  function sourceOf(path: readonly Step[]): Where {
    const variable = fromEnvironment.get(path.join('.'))
    const name = pathText(path)
    if (variable !== undefined) return { source: 'environment', line: null, name: `${variable} (${name})` }
    for (let length = path.length; length > 0; length--) {
      if (fromOverlay.has(path.slice(0, length).join('.')))
        return { source: 'overlay', line: null, name: `${entryText(tree, path)} (set at run time)` }
    }
    if (file.sets(path)) return { source: 'file', line: file.lineOf(path), name }
    return { source: 'default', line: file.lineOf(path), name }
  }
  return { tree: filled as Tree, written: tree, problems, warnings, sourceOf }
}

/** `['models', 0, 'file']` → `models[0].file`. */
export function pathText(path: readonly Step[]): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('')
}

/** An entry that was added at run time is called as it was then: `models.tiny.file` instead of `models[3].file`. */
function entryText(tree: Tree, path: readonly Step[]): string {
  const at = path.findIndex((step) => typeof step === 'number')
  const list = path.slice(0, Math.max(at, 0)).join('.')
  const key = namedLists.get(list)
  const entry = key === undefined ? undefined : listAt(tree, list)[Number(path[at])]
  if (key === undefined || !isTree(entry)) return pathText(path)
  return pathText([list, String(entry[key]), ...path.slice(at + 1)])
}

/** `models.a.b/c` → list `models`, entry `a.b/c`; null when the path is that of a plain setting. */
export function entryOf(path: string): { readonly list: string; readonly key: string; readonly name: string } | null {
  for (const [list, key] of namedLists) {
    if (path.startsWith(`${list}.`) && path.length > list.length + 1)
      return { list, key, name: path.slice(list.length + 1) }
  }
  return null
}

function layOverlay(tree: Tree, path: string, value: unknown, fromOverlay: Set<string>): void {
  const entry = entryOf(path)
  if (!entry) {
    put(tree, path.split('.'), value)
    fromOverlay.add(path)
    return
  }
  const added = isTree(value) ? { ...value, [entry.key]: entry.name } : value
  put(tree, entry.list.split('.'), [...listAt(tree, entry.list), added])
}

function layFile(
  tree: Tree,
  file: Tree,
  marks: { readonly fromOverlay: Set<string>; readonly warnings: string[] },
): void {
  for (const [name, value] of Object.entries(file)) {
    if (namedLists.has(name) && Array.isArray(value)) tree[name] = mergeLists(tree, { list: name, value, ...marks })
    else if (isTree(value)) {
      const section: Tree = isTree(tree[name]) ? { ...tree[name] } : {}
      for (const [member, given] of Object.entries(value)) {
        const list = `${name}.${member}`
        marks.fromOverlay.delete(list)
        section[member] =
          namedLists.has(list) && Array.isArray(given) ? mergeLists(tree, { list, value: given, ...marks }) : given
      }
      tree[name] = section
    } else {
      tree[name] = value
    }
  }
  for (const list of namedLists.keys()) {
    if (valueAt(file, list) === undefined)
      listAt(tree, list).forEach((_, index) => marks.fromOverlay.add(`${list}.${index}`))
  }
}

/** An upstream that only says who it is, is called so. */
function namedEntries(list: string, value: readonly unknown[]): readonly unknown[] {
  if (list !== 'upstreams') return value
  return value.map((entry) =>
    isTree(entry) && entry['name'] === undefined && typeof entry['provider'] === 'string'
      ? { ...entry, name: entry['provider'] }
      : entry,
  )
}

/** The file's entries come first, so that their places in the list are the file's own. */
function mergeLists(
  tree: Tree,
  given: {
    readonly list: string
    readonly value: readonly unknown[]
    readonly fromOverlay: Set<string>
    readonly warnings: string[]
  },
): readonly unknown[] {
  const { list } = given
  const value = namedEntries(list, given.value)
  const key = namedLists.get(list) ?? ''
  const named = new Set(value.map((entry) => (isTree(entry) ? entry[key] : undefined)))
  const all = listAt(tree, list)
  const added = all.filter((entry) => isTree(entry) && !named.has(entry[key]))
  const hidden = all.length - added.length
  if (hidden > 0)
    given.warnings.push(
      `${hidden} of the ${list} that were added at run time are hidden by entries of the file with the same ${key}.`,
    )
  added.forEach((_, index) => given.fromOverlay.add(`${list}.${value.length + index}`))
  return [...value, ...added]
}

function* environmentSettings(environment: Environment) {
  if (environment.host !== null) yield { variable: 'HEARTH_HOST', path: ['server', 'host'], value: environment.host }
  if (environment.port !== null) {
    const value = /^\d+$/.test(environment.port) ? Number(environment.port) : environment.port
    yield { variable: 'HEARTH_PORT', path: ['server', 'port'], value }
  }
  if (environment.huggingfaceEndpoint !== null) {
    yield { variable: 'HF_ENDPOINT', path: ['hub', 'huggingface'], value: environment.huggingfaceEndpoint }
  }
}

interface Filling {
  readonly environment: Environment
  readonly problems: Problem[]
  readonly nameOf: (path: readonly Step[]) => Where
}

/** The fleet fills these in when it starts a command. */
const filledLater = new Set(['PORT', 'HOST'])

/** Puts the environment's values for `${NAME}` in every text. `$${` stays as `${`. Values are not looked at again. */
function fillIn(value: unknown, filling: Filling, path: readonly Step[] = []): unknown {
  if (typeof value === 'string') return value.includes('${') ? fillWords(value, filling, path) : value
  if (Array.isArray(value)) return value.map((entry, index) => fillIn(entry, filling, [...path, index]))
  if (!isTree(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, fillIn(member, filling, [...path, name])]),
  )
}

/** A command is split before it is filled in: a value with a space in it stays one word. */
function fillWords(value: string, filling: Filling, path: readonly Step[]): unknown {
  const argv = isCommand(path) && path.length === 3 ? splitArgv(value) : null
  return argv?.ok ? argv.argv.map((word) => fillText(word, filling, path)) : fillText(value, filling, path)
}

function isCommand(path: readonly Step[]): boolean {
  return path[0] === 'models' && path[2] === 'cmd'
}

function fillText(text: string, filling: Filling, path: readonly Step[]): string {
  return text.replace(/\$(\$?)\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, escape: string, name: string) => {
    if (escape !== '') return whole.slice(1)
    if (isCommand(path) && filledLater.has(name)) return whole
    const value = filling.environment.variable(name)
    if (value !== null) return value
    const where = filling.nameOf(path)
    filling.problems.push({
      path: where.name,
      line: where.line,
      message: `${where.name} takes \${${name}} from the environment, but ${name} is not set.`,
      fix: `Set ${name}, or take this setting out.`,
    })
    return 'unset'
  })
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isTree(value)) return value
  const kept = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutNulls(member)]))
}

function put(tree: Tree, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path
  if (rest.length === 0) {
    tree[first] = value
    return
  }
  const below = isTree(tree[first]) ? { ...tree[first] } : {}
  tree[first] = below
  put(below, rest, value)
}

/** The entries of a list by its path, `privacy.policies`; none when it is no list. */
export function listAt(tree: unknown, list: string): readonly unknown[] {
  const entries = valueAt(tree, list)
  return Array.isArray(entries) ? entries : []
}

function valueAt(tree: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, name) => (isTree(at) ? at[name] : undefined), tree)
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
