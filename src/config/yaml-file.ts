import { LineCounter, isMap, isScalar, parseDocument, type Document } from 'yaml'
import type { Problem } from './contract.ts'

/** A step into a configuration: a member's name, or an index of a list. */
export type Step = string | number

export interface YamlFile {
  readonly tree: unknown
  readonly problems: readonly Problem[]
  /** The line on which this setting stands; the nearest one above it where it does not stand in the file. */
  lineOf(path: readonly Step[]): number | null
  /** Whether the file itself sets it. */
  sets(path: readonly Step[]): boolean
}

const maxFileBytes = 1024 * 1024
/** More expansions of aliases than a person writes are an attack on memory. */
const maxAliases = 100

export const emptyYaml: YamlFile = { tree: undefined, problems: [], lineOf: () => null, sets: () => false }

/** Reads YAML 1.2 with the line of each value, so that a problem can be found by a person. */
export function parseYaml(content: string): YamlFile {
  if (content.length > maxFileBytes) {
    return {
      ...emptyYaml,
      problems: [problem(null, `The file has ${content.length} characters.`, `Keep it below ${maxFileBytes}.`)],
    }
  }
  const lines = new LineCounter()
  const document = parseDocument(content, { lineCounter: lines, merge: true, uniqueKeys: true, prettyErrors: false })
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) =>
      problem(
        lines.linePos(error.pos[0]).line,
        sentence(error.message),
        'Mend the YAML there: indentation, quotes, or a name that stands twice.',
      ),
    )
    return { ...emptyYaml, problems: firstOfEachLine(problems) }
  }
  try {
    const tree: unknown = document.toJS({ maxAliasCount: maxAliases })
    return {
      tree,
      problems: [],
      lineOf: (path) => lineOf(document, lines, path),
      sets: (path) => document.hasIn(path) && document.getIn(path) !== null,
    }
  } catch {
    return {
      ...emptyYaml,
      problems: [problem(null, `The file expands more than ${maxAliases} aliases.`, 'Write the values out.')],
    }
  }
}

/** One slip makes several errors on its line; the first one is the cause. */
function firstOfEachLine(problems: readonly Problem[]): readonly Problem[] {
  return problems.filter(({ line }, index) => problems.findIndex((other) => other.line === line) === index)
}

function lineOf(document: Document, lines: LineCounter, path: readonly Step[]): number | null {
  for (let length = path.length; length > 0; length--) {
    const parent: unknown = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true)
    const last = path[length - 1]
    // The key's line, not the value's: a value may begin on the next line.
    const pair = isMap(parent) ? parent.items.find((item) => isScalar(item.key) && item.key.value === last) : undefined
    const node = pair ? pair.key : document.getIn(path.slice(0, length), true)
    const at = rangeStart(node)
    if (at !== null) return lines.linePos(at).line
  }
  return null
}

function rangeStart(node: unknown): number | null {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return null
  const start: unknown = node.range[0]
  return typeof start === 'number' ? start : null
}

function problem(line: number | null, message: string, fix: string): Problem {
  return { path: '', line, message, fix }
}

function sentence(text: string): string {
  const line = text.split('\n')[0] ?? text
  return /[.!?]$/.test(line) ? line : `${line}.`
}
