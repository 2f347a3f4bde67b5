import type { DenyEntry, HouseLists, ListEntry } from '../contract.ts'
import { compilePatterns } from './detect/patterns.ts'
import { entityTypes } from './words.ts'

/** The most entries of one list. */
export const maxListEntries = 10_000
/** Characters of one entry. */
export const maxEntryLength = 200
/** Shorter values stand in too many words. */
export const minEntryLength = 3

export interface ListProblem {
  /** `directory[3].value` */
  readonly param: string
  /** A sentence; the entry itself is in it only where it is a pattern. */
  readonly message: string
}

/** Without blanks around them, and each once. null in the place of the lists: the first problem says why. */
export function checkLists(
  lists: HouseLists,
): { readonly lists: HouseLists; readonly problem: null } | { readonly lists: null; readonly problem: ListProblem } {
  const directory = lists.directory.map(({ value, type }): ListEntry => ({ value: value.trim(), type }))
  const deny = lists.deny.map((entry): DenyEntry => {
    return entry.kind === 'text'
      ? { kind: 'text', value: entry.value.trim() }
      : { kind: 'pattern', pattern: entry.pattern }
  })
  const allow = lists.allow.map((value) => value.trim())
  const problem =
    problemOf('directory', directory, directoryProblem) ??
    problemOf('deny', deny, denyProblem) ??
    problemOf('allow', allow, (value) => lengthProblem('', value))
  if (problem !== null) return { lists: null, problem }
  return {
    lists: {
      directory: once(directory, ({ value, type }) => `${type} ${value}`),
      deny: once(deny, (entry) => (entry.kind === 'text' ? `text ${entry.value}` : `pattern ${entry.pattern}`)),
      allow: once(allow, (value) => value),
    },
    problem: null,
  }
}

type Fault = { readonly member: string; readonly message: string }

function problemOf<T>(name: string, entries: readonly T[], faultOf: (entry: T) => Fault | null): ListProblem | null {
  if (entries.length > maxListEntries) {
    const message = `The list ${name} has ${entries.length} entries; ${maxListEntries} is the most.`
    return { param: name, message }
  }
  for (const [index, entry] of entries.entries()) {
    const fault = faultOf(entry)
    if (fault !== null) return { param: `${name}[${index}]${fault.member}`, message: fault.message }
  }
  return null
}

function directoryProblem({ value, type }: ListEntry): Fault | null {
  if (entityTypes.includes(type)) return lengthProblem('.value', value)
  return { member: '.type', message: `There is no type ${String(type).slice(0, 40)}; for example PERSON, HOST.` }
}

function denyProblem(entry: DenyEntry): Fault | null {
  if (entry.kind === 'text') return lengthProblem('.value', entry.value)
  if (entry.pattern.length > maxEntryLength) return lengthProblem('.pattern', entry.pattern)
  const compiled = compilePatterns([entry.pattern])
  if (compiled.kind === 'patterns') return null
  return { member: '.pattern', message: compiled.problems[0]?.problem ?? 'The pattern cannot be used.' }
}

function lengthProblem(member: string, value: string): Fault | null {
  if (value.length < minEntryLength)
    return { member, message: `An entry has ${value.length} characters; at least ${minEntryLength} are needed.` }
  if (value.length > maxEntryLength)
    return { member, message: `An entry has ${value.length} characters; ${maxEntryLength} is the most.` }
  return null
}

function once<T>(entries: readonly T[], keyOf: (entry: T) => string): readonly T[] {
  return [...new Map(entries.map((entry) => [keyOf(entry), entry])).values()]
}
