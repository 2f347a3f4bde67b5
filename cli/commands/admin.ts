import { Hearth } from '../../sdk/typescript/index.ts'
import type { Call, Command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { socketOf } from '../connect.ts'
import { exitCodes, usageError } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { answer } from '../output.ts'

export const adminCommand: Command = {
  name: 'admin',
  summary: 'what only the owner of the machine may do',
  subcommands: [
    {
      name: 'reset',
      summary: 'make a new admin key in place of the old one; stdout gets the key alone, once',
      details: 'Works on the house’s own machine only, through its socket, for a house that is running.',
      options: [{ name: 'yes', short: 'y', kind: 'flag', summary: 'do not ask' }],
      run: reset,
    },
  ],
}

async function reset(call: Call): Promise<ExitCode> {
  if (call.flags.has('url')) throw usageError('An admin key is reset on the house’s own machine only: leave --url out.')
  await confirm(call, 'The admin key in use becomes invalid. Go on?')
  // HEARTH_URL may name another house: only the socket is this machine's for sure
  const { key } = await new Hearth({ socket: socketOf(call.home) }).admin.reset()
  if (call.isJson) return answer(call, { key }, () => '')
  call.terminal.note('This is the new admin key, shown this once:')
  call.terminal.out(key)
  return exitCodes.ok
}
