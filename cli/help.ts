import { globalOptions } from './command.ts'
import type { Command, Option } from './command.ts'
import { wrap } from './text-width.ts'

/** Helps do not depend on a window: they are read in pagers and copied into mails. */
const helpWidth = 110

/** The list of all commands. */
export function renderOverview(commands: readonly Command[]): string {
  return [
    'Hearth: one address for the models that you own.',
    '',
    'Usage: hearth COMMAND [OPTIONS]',
    '',
    'Commands:',
    ...columns(commands.map((command) => [command.name, command.summary])),
    '',
    'Options of every command:',
    ...columns(globalOptions.map(optionRow)),
    '',
    '"hearth help COMMAND" tells more about one.',
  ].join('\n')
}

/** All about one command. */
export function renderHelp(command: Command, path: readonly string[]): string {
  const lines = [`${sentence(command.summary)}`, '']
  if (command.run) lines.push(`Usage: ${usageOf(command, path)}`)
  for (const child of command.subcommands ?? []) {
    lines.push(
      `${lines.at(-1)?.startsWith('Usage') || lines.at(-1)?.startsWith('  ') ? '      ' : 'Usage:'} ${usageOf(child, [...path, child.name])}`,
    )
  }
  if (command.details) lines.push('', command.details)
  if (command.subcommands) {
    lines.push('', 'Commands:', ...columns(command.subcommands.map((child) => [child.name, child.summary])))
  }
  if (command.options?.length) lines.push('', 'Options:', ...columns(command.options.map(optionRow)))
  if (command.examples) lines.push('', 'Examples:', ...command.examples.map((example) => `  ${example}`))
  lines.push('', 'Options of every command:', ...columns(globalOptions.map(optionRow)))
  return lines.join('\n')
}

/** `hearth models load ID [--dry-run] …` */
export function usageOf(command: Command, path: readonly string[]): string {
  const positionals = (command.positionals ?? []).map(({ name, isOptional }) => (isOptional ? `[${name}]` : name))
  const options = command.options?.length ? ['[OPTIONS]'] : []
  const rest = command.rest ? [`[-- ${command.rest}]`] : []
  return ['hearth', ...path, ...positionals, ...options, ...rest].join(' ')
}

export function optionRow(option: Option): readonly [string, string] {
  const short = option.short ? `-${option.short}, ` : ''
  const value = option.kind === 'flag' ? '' : ` ${option.value ?? 'VALUE'}`
  const again = option.kind === 'list' ? ' (may be given again)' : ''
  const choices = option.choices ? ` (${option.choices.join(', ')})` : ''
  return [`${short}--${option.name}${value}`, `${option.summary}${choices}${again}`]
}

function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.flatMap(([left, right]) => {
    const [first = '', ...more] = wrap(right, helpWidth - width - 4)
    return [`  ${left.padEnd(width)}  ${first}`, ...more.map((line) => ' '.repeat(width + 4) + line)]
  })
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
