import { globalOptions } from './command.ts'
import type { Command } from './command.ts'
import { optionRow, usageOf } from './help.ts'

export const referenceStart = '<!-- commands: made from cli/commands by cli/reference.test.ts -->'
export const referenceEnd = '<!-- end of commands -->'

/** The command reference of docs/guides/cli.md, in Markdown. */
export function renderReference(commands: readonly Command[]): string {
  const options = ['### Options of every command', '', ...globalOptions.map((option) => rowOf(optionRow(option)))]
  return [...commands.flatMap((command) => sectionOf(command)), ...options].join('\n')
}

function sectionOf(command: Command): readonly string[] {
  const parts = command.subcommands ?? []
  const lines = [`### hearth ${command.name}`, '', `${capital(command.summary)}.`]
  if (command.details) lines.push(command.details.replaceAll('\n', ' '))
  lines.push('', '```', ...(command.run ? [usageOf(command, [command.name])] : []))
  lines.push(...parts.map((part) => usageOf(part, [command.name, part.name])), '```', '')
  lines.push(...(command.options ?? []).map((option) => rowOf(optionRow(option))))
  for (const part of parts) {
    const details = part.details === undefined ? '' : ` ${part.details.replaceAll('\n', ' ')}`
    lines.push(`- **${part.name}**: ${part.summary}.${details}`)
    lines.push(...(part.options ?? []).map((option) => `  ${rowOf(optionRow(option))}`))
  }
  const examples = [...(command.examples ?? []), ...parts.flatMap((part) => part.examples ?? [])]
  if (examples.length > 0) lines.push('', '```sh', ...examples, '```')
  return [...lines, '']
}

const rowOf = ([option, summary]: readonly [string, string]): string => `- \`${option}\`: ${summary}`

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
