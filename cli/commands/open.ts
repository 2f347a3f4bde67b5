import type { Call, Command } from '../command.ts'
import { CliError, exitCodes } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { timeText } from '../format.ts'
import { answer } from '../output.ts'
import { tryProgram } from '../programs.ts'

export const openCommand: Command = {
  name: 'open',
  summary: 'make a one-time sign-in link for the page',
  options: [{ name: 'browser', kind: 'flag', summary: 'open it in the browser, too' }],
  run: open,
}

async function open(call: Call): Promise<ExitCode> {
  const ticket = await call.hearth().tickets.create()
  if (!call.isJson) call.terminal.note(`Good for one sign-in until ${timeText(ticket.expiresAt)}:`)
  answer(call, ticket, () => ticket.url)
  if (call.flags.has('browser')) await openBrowser(ticket.url, call.environment.all)
  return exitCodes.ok
}

/**
 * `setsid --fork`: the browser must outlive this process, whose Bun ends all its descendants. The link is an argument
 * of its own and never passes a shell.
 */
async function openBrowser(url: string, env: Readonly<Record<string, string>>): Promise<void> {
  if (!/^https?:\/\//.test(url)) throw new CliError(exitCodes.failure, `"${url}" is no link for a browser.`)
  const argv = process.platform === 'darwin' ? ['open', url] : ['setsid', '--fork', 'xdg-open', url]
  if (await tryProgram({ argv, env })) return
  throw new CliError(
    exitCodes.failure,
    `No browser could be opened with "${argv.slice(0, -1).join(' ')}". Open the link by hand.`,
  )
}
