import { createInterface } from 'node:readline/promises'
import type { Call } from './command.ts'
import { CliError, exitCodes, usageError } from './failures.ts'

/** Lets a person agree to what was just shown. Without a terminal there is nobody to ask: `--yes` must say it. */
export async function confirm(call: Pick<Call, 'flags' | 'terminal'>, question: string): Promise<void> {
  if (call.flags.has('yes')) return
  if (!call.terminal.hasInputTerminal) {
    throw usageError('This changes something and there is no terminal to ask on. Add --yes to agree beforehand.')
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  const controller = new AbortController()
  prompt.on('SIGINT', () => controller.abort())
  prompt.on('close', () => controller.abort())
  try {
    const answer = await prompt.question(`${question} [y/N] `, { signal: controller.signal })
    if (/^y(es)?$/i.test(answer.trim())) return
  } catch {
    call.terminal.note('')
  } finally {
    prompt.close()
  }
  throw new CliError(exitCodes.failure, 'Nothing was changed.', { code: 'declined' })
}
