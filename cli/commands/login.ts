import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { Hearth } from '../../sdk/typescript/index.ts'
import type { Call, Command } from '../command.ts'
import { urlOf } from '../connect.ts'
import { CliError, exitCodes, usageError } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { answer } from '../output.ts'

export const loginCommand: Command = {
  name: 'login',
  summary: 'sign in with a user name and a password; stdout gets the access token alone',
  details: `The password is asked for on the terminal, or read from the first line of what is piped in.
The token is taken for an hour wherever a key is; with --json the refresh token is there too. Nothing is kept.`,
  positionals: [{ name: 'NAME' }],
  examples: ['export HEARTH_API_KEY=$(hearth login ada --url https://hearth.lan:8443)'],
  run: login,
}

async function login(call: Call): Promise<ExitCode> {
  const username = call.positionals[0] ?? ''
  const password = await passwordOf(call)
  if (password === '') throw usageError('A password is needed: on the terminal, or on the first line of stdin.')
  const url = urlOf(call.flags, call.environment)
  // Whoever signs in has no key yet: one that the shell remembers must not stand in the way.
  const hearth = url === null ? call.hearth() : new Hearth({ url, userAgent: 'hearth-cli' })
  const tokens = await hearth.account.login({ username, password })
  if (!call.isJson) call.terminal.note(`Signed in as ${tokens.user.username} (${tokens.user.role}).`)
  return answer(call, tokens, () => tokens.access_token)
}

/** Nothing of it is shown. */
async function passwordOf({ terminal }: Call): Promise<string> {
  const isSilent = terminal.hasInputTerminal
  if (isSilent) process.stderr.write('Password: ')
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const prompt = createInterface({ input: process.stdin, output: nowhere, terminal: isSilent })
  try {
    for await (const line of prompt) return line
    return ''
  } catch {
    throw new CliError(exitCodes.failure, 'Nobody was signed in.', { code: 'declined' })
  } finally {
    prompt.close()
    if (isSilent) terminal.note('')
  }
}
