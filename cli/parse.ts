import { parseArgs } from 'node:util'
import { globalOptions } from './command.ts'
import type { Command, Option } from './command.ts'
import { usageError } from './failures.ts'
import { createFlags } from './flags.ts'
import type { Flags } from './flags.ts'
import { didYouMean, nearest } from './nearest.ts'

export interface Parsed {
  /** null: no command was named. */
  readonly command: Command | null
  /** Its names from the root, for example `['models', 'load']`. */
  readonly path: readonly string[]
  readonly positionals: readonly string[]
  /** What stood after `--`. */
  readonly rest: readonly string[]
  readonly flags: Flags
}

/** Reads a command line; a CliError of code `usage` names what is wrong and the nearest right names. */
export function parseCommandLine(argv: readonly string[], commands: readonly Command[]): Parsed {
  let args = argv
  let command: Command | null = null
  let known = globalOptions
  const path: string[] = []
  let choices: readonly Command[] | undefined = commands
  while (choices) {
    const word = firstWord(args, known, path)
    if (!word) break
    const next: Command | undefined = choices.find((choice) => choice.name === word.value)
    if (!next) {
      if (command?.run && command.positionals?.length) break
      throw unknownCommand({ word: word.value, path, choices })
    }
    command = next
    path.push(next.name)
    args = args.toSpliced(word.index, 1)
    known = [...globalOptions, ...(command.options ?? [])]
    choices = command.subcommands
  }
  return { command, path, ...readArguments({ args, known, command, path }) }
}

/** The first argument that is neither an option nor an option's value. */
function firstWord(
  args: readonly string[],
  known: readonly Option[],
  path: readonly string[],
): { readonly value: string; readonly index: number } | null {
  for (const token of tokensOf(args, known)) {
    if (token.kind === 'option-terminator') return null
    if (token.kind === 'positional') return token
    // an unknown option may own the word after it: refuse it before guessing at commands, unless a subcommand may
    // know it
    if (path.length === 0 && !known.some((option) => option.name === token.name))
      throw unknownOption(token.rawName, known, path)
  }
  return null
}

function readArguments(line: {
  readonly args: readonly string[]
  readonly known: readonly Option[]
  readonly command: Command | null
  readonly path: readonly string[]
}): Pick<Parsed, 'positionals' | 'rest' | 'flags'> {
  const { args, known, command, path } = line
  const values = new Map<string, string[]>()
  const positionals: string[] = []
  const rest: string[] = []
  let isRest = false
  for (const token of tokensOf(args, known)) {
    if (token.kind === 'option-terminator') isRest = true
    else if (token.kind === 'positional') (isRest ? rest : positionals).push(token.value)
    else {
      const option = known.find((candidate) => candidate.name === token.name)
      if (!option) throw unknownOption(token.rawName, known, path)
      const value = checkedValue({ option, value: token.value, path })
      values.set(option.name, [...(values.get(option.name) ?? []), value])
    }
  }
  // without an own use for `--`, what follows it are positionals that may begin with a dash
  if (!command?.rest) positionals.push(...rest.splice(0))
  if (!values.has('help')) checkPositionals({ command, path, positionals })
  return { positionals, rest, flags: createFlags(values) }
}

type Token =
  | { readonly kind: 'option'; readonly name: string; readonly rawName: string; readonly value: string | undefined }
  | { readonly kind: 'positional'; readonly value: string; readonly index: number }
  | { readonly kind: 'option-terminator' }

function tokensOf(args: readonly string[], known: readonly Option[]): readonly Token[] {
  const options: Record<string, { type: 'boolean' | 'string'; short?: string; multiple: true }> = {}
  for (const { name, kind, short } of known) {
    options[name] = { type: kind === 'flag' ? 'boolean' : 'string', multiple: true, ...(short ? { short } : {}) }
  }
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
  return tokens
}

function checkedValue(of: {
  readonly option: Option
  readonly value: string | undefined
  readonly path: readonly string[]
}): string {
  const { option, value, path } = of
  const name = `--${option.name}`
  if (option.kind === 'flag') {
    if (value !== undefined) throw usageError(`${name} takes no value, but got "${value}".`, helpHint(path))
    return ''
  }
  if (value === undefined || value === '')
    throw usageError(`${name} needs a value: ${name} ${option.value ?? 'VALUE'}.`, helpHint(path))
  if (option.choices && !option.choices.includes(value)) {
    const all = option.choices.join(', ')
    throw usageError(
      `${name} is "${value}", which is none of ${all}.${didYouMean(value, option.choices)}`,
      helpHint(path),
    )
  }
  if (option.kind === 'number') checkNumber({ ...option, name }, value, path)
  return value
}

function checkNumber(option: Option, text: string, path: readonly string[]): void {
  const value = Number(text)
  const { name, min = -Infinity, max = Infinity } = option
  if (text.trim() === '' || !Number.isFinite(value))
    throw usageError(`${name} is "${text}", which is no number.`, helpHint(path))
  if (value >= min && value <= max) return
  const range = max === Infinity ? `at least ${min}` : `from ${min} to ${max}`
  throw usageError(`${name} is ${text}, but must be ${range}.`, helpHint(path))
}

function checkPositionals(of: {
  readonly command: Command | null
  readonly path: readonly string[]
  readonly positionals: readonly string[]
}): void {
  const { command, path, positionals } = of
  if (!command?.run) return
  const wanted = command.positionals ?? []
  const missing = wanted.find((positional, index) => !positional.isOptional && positionals[index] === undefined)
  const name = `hearth ${path.join(' ')}`
  if (missing) throw usageError(`${name} needs ${missing.name}.`, helpHint(path))
  const extra = positionals[wanted.length]
  if (extra !== undefined) throw usageError(`${name} does not know what to do with "${extra}".`, helpHint(path))
}

function unknownCommand(of: {
  readonly word: string
  readonly path: readonly string[]
  readonly choices: readonly Command[]
}): Error {
  const names = of.choices.map((choice) => choice.name)
  const whole = ['hearth', ...of.path].join(' ')
  return usageError(`There is no command "${whole} ${of.word}".${didYouMean(of.word, names)}`, helpHint(of.path))
}

/** Compared without dashes: they would make every short name look like every other. */
function unknownOption(rawName: string, known: readonly Option[], path: readonly string[]): Error {
  const names = known.map((option) => option.name)
  const found = nearest(rawName.replace(/^-+/, ''), names).map((name) => `--${name}`)
  const hint = found.length === 0 ? '' : ` Did you mean ${found.join(' or ')}?`
  return usageError(`There is no option ${rawName} here.${hint}`, helpHint(path))
}

const helpHint = (path: readonly string[]): string => `"${['hearth', 'help', ...path].join(' ')}" tells more.`
