import { HearthError } from '../../sdk/typescript/index.ts'
import type { Call } from '../command.ts'
import { exitCodes } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { speak } from './speak.ts'

/** One question, one answer. Ctrl-C ends the work at the model, too. */
export async function answerOnce(
  call: Call,
  ask: { readonly model: string; readonly prompt: string },
): Promise<ExitCode> {
  const controller = new AbortController()
  using _ = call.terminal.onInterrupt(() => controller.abort())
  const messages = [{ role: 'user' as const, content: ask.prompt }]
  try {
    const spoken = await speak(call, { model: ask.model, messages, signal: controller.signal })
    if (spoken.finishReason === 'length' && !call.isJson)
      call.terminal.note('The answer was cut at its longest length.')
    return exitCodes.ok
  } catch (thrown) {
    if (thrown instanceof HearthError && thrown.code === 'aborted') return exitCodes.interrupted
    throw thrown
  }
}
