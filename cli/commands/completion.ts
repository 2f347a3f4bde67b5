import { basename } from 'node:path'
import type { Call, Command } from '../command.ts'
import { completionScript, shells } from '../completion.ts'
import { usageError } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { didYouMean } from '../nearest.ts'
import { answer } from '../output.ts'

export const completionCommand: Command = {
  name: 'completion',
  summary: 'print the completion script of a shell',
  positionals: [{ name: 'SHELL', isOptional: true }],
  details: `SHELL is one of ${shells.join(', ')}; default is the one in use.`,
  examples: [
    'source <(hearth completion bash)',
    'hearth completion zsh > "${fpath[1]}/_hearth"',
    'hearth completion fish > ~/.config/fish/completions/hearth.fish',
  ],
  run: completion,
}

async function completion(call: Call): Promise<ExitCode> {
  const wanted = call.positionals[0] ?? basename(call.environment.shell ?? '')
  const shell = shells.find((known) => known === wanted)
  if (!shell)
    throw usageError(
      `There is no completion for "${wanted}", only for ${shells.join(', ')}.${didYouMean(wanted, shells)}`,
    )
  const script = completionScript(shell, call.commands)
  return answer(call, { shell, script }, () => script.trimEnd())
}
