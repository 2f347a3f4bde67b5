import type { Call, Command } from '../command.ts'
import { usageError } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { renderHelp, renderOverview } from '../help.ts'
import { didYouMean } from '../nearest.ts'
import { answer } from '../output.ts'

export const helpCommand: Command = {
  name: 'help',
  summary: 'tell about the commands, or about one of them',
  positionals: [
    { name: 'COMMAND', isOptional: true },
    { name: 'SUBCOMMAND', isOptional: true },
  ],
  run: help,
}

async function help(call: Call): Promise<ExitCode> {
  let choices = call.commands
  let found: Command | null = null
  for (const word of call.positionals) {
    const next = choices.find((command) => command.name === word)
    if (!next) {
      const names = choices.map((command) => command.name)
      throw usageError(`There is no command "${word}".${didYouMean(word, names)}`, '"hearth help" lists them all.')
    }
    found = next
    choices = next.subcommands ?? []
  }
  if (found === null) return answer(call, call.commands.map(describe), () => renderOverview(call.commands))
  const command = found
  return answer(call, describe(command), () => renderHelp(command, call.positionals))
}

interface Described {
  readonly name: string
  readonly summary: string
  readonly positionals: readonly string[]
  readonly options: readonly string[]
  readonly subcommands: readonly Described[]
}

function describe(command: Command): Described {
  return {
    name: command.name,
    summary: command.summary,
    positionals: (command.positionals ?? []).map((positional) => positional.name),
    options: (command.options ?? []).map((option) => `--${option.name}`),
    subcommands: (command.subcommands ?? []).map(describe),
  }
}
