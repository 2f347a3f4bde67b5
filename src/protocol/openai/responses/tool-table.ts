import type { Json, Tool, ToolChoice } from '../../conversation/conversation.ts'
import { flagOf, isMissing, isObject, objectOf, objectsOf, textOf, textOrEmpty, wrong } from '../../json/members.ts'

/** How a tool of the request is called elsewhere, and how its calls are given back. */
export interface NamedTool {
  /** The one name that other dialects and models know. */
  readonly flat: string
  readonly name: string
  readonly namespace: string | null
  readonly isCustom: boolean
}

export interface ToolTable {
  readonly tools: readonly Tool[]
  /** The name that models know a tool of the request by; one that is not declared any more gets a like name. */
  flatOf(name: string, namespace: string | null): string
  /** The tool that a model means; null: none of the request. */
  find(called: string): NamedTool | null
}

/** The most that models' servers take as a tool's name. */
const maxNameLength = 64

/**
 * The tools of a request, with those inside `namespace` tools as tools of their own (`namespace__name`): no other
 * dialect knows namespaces. Clients look for `namespace` and `name` in the call again: Codex takes a call of
 * `multi_agent_v1__spawn_agent` for an unknown tool.
 */
export function toolTable(raw: readonly Json[]): ToolTable {
  const named: NamedTool[] = []
  const tools: Tool[] = []
  const taken = new Set<string>()
  const add = (entry: Json, namespace: string | null): void => {
    const tool = readTool(entry)
    if (tool === null) return
    if (tool.kind === 'hosted') {
      tools.push(tool)
      return
    }
    const flat = unused(flatName(tool.name, namespace), taken)
    taken.add(flat)
    named.push({ flat, name: tool.name, namespace, isCustom: tool.kind === 'custom' })
    tools.push({ ...tool, name: flat })
  }
  for (const entry of raw) {
    if (entry.type === 'namespace') for (const inner of objectsOf(entry.tools)) add(inner, textOrEmpty(entry.name))
    else add(entry, null)
  }
  return {
    tools,
    flatOf: (name, namespace) =>
      named.find((tool) => tool.name === name && tool.namespace === namespace)?.flat ??
      // Clients leave the namespace out where a name is only used once.
      only(named.filter((tool) => tool.name === name && namespace === null))?.flat ??
      flatName(name, namespace),
    find: (called) =>
      named.find((tool) => tool.flat === called) ??
      // Models write a name as it stands in their prompt, with a dot, or leave the namespace out.
      only(named.filter((tool) => tool.name === called || `${tool.namespace}.${tool.name}` === called)),
  }
}

const only = <T>(found: readonly T[]): T | null => (found.length === 1 ? (found[0] ?? null) : null)

/** `functions` is what models call the tools that belong to no namespace. */
function flatName(name: string, namespace: string | null): string {
  const whole = namespace === null || namespace === '' || namespace === 'functions' ? name : `${namespace}__${name}`
  const plain = whole.replaceAll(/[^A-Za-z0-9_-]/g, '_')
  // The tool's own name stands at the end and says more than the namespace.
  return plain.length <= maxNameLength ? plain : plain.slice(-maxNameLength)
}

function unused(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name
  for (let count = 2; ; count++) {
    const candidate = `${name.slice(0, maxNameLength - 4)}_${count}`
    if (!taken.has(candidate)) return candidate
  }
}

function readTool(entry: Json): Tool | null {
  const type = textOrEmpty(entry.type)
  if (type === 'function') {
    return {
      kind: 'function',
      name: textOrEmpty(entry.name),
      description: textOf(entry.description),
      parameters: isObject(entry.parameters) ? entry.parameters : { type: 'object', properties: {} },
      isStrict: flagOf(entry.strict),
    }
  }
  if (type === 'custom') {
    const format = objectOf(entry.format)
    return { kind: 'custom', name: textOrEmpty(entry.name), description: textOf(entry.description), format }
  }
  // A search that must not search: what is left of it is the vendor's own index.
  if (type.startsWith('web_search') && entry.external_web_access === false) return null
  return { kind: 'hosted', type, raw: entry }
}

export interface ReadChoice {
  readonly choice: ToolChoice | null
  /** `allowed_tools`: the flat names that may be called; null = all. */
  readonly allowed: ReadonlySet<string> | null
  /** A tool that only the upstream itself has is forced: its type. */
  readonly hosted: string | null
}

export function readToolChoice(value: unknown, table: ToolTable): ReadChoice {
  const plain = (choice: ToolChoice | null): ReadChoice => ({ choice, allowed: null, hosted: null })
  if (isMissing(value)) return plain(null)
  if (value === 'auto' || value === 'none' || value === 'required') return plain({ kind: value })
  if (!isObject(value)) throw wrong('tool_choice', '"auto", "none", "required" or an object', value)
  const flat = (entry: Json): string => table.flatOf(textOrEmpty(entry.name), textOf(entry.namespace))
  switch (value.type) {
    case 'function':
    case 'custom':
      if (typeof value.name !== 'string') throw wrong('tool_choice.name', 'the name of a tool', value.name)
      return plain({ kind: 'tool', name: flat(value) })
    case 'allowed_tools': {
      const allowed = new Set(objectsOf(value.tools).flatMap((tool) => ('name' in tool ? [flat(tool)] : [])))
      return { choice: { kind: value.mode === 'required' ? 'required' : 'auto' }, allowed, hosted: null }
    }
    default:
      return { choice: null, allowed: null, hosted: textOrEmpty(value.type) }
  }
}

export const isAllowed = (tool: Tool, allowed: ReadonlySet<string> | null): boolean =>
  allowed === null || tool.kind === 'hosted' || allowed.has(tool.name)
