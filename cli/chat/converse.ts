import { createInterface } from 'node:readline/promises'
import { HearthError } from '../../sdk/typescript/index.ts'
import type { ChatMessage } from '../../sdk/typescript/index.ts'
import type { Call } from '../command.ts'
import { exitCodes, tell } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { speak } from './speak.ts'

/** The questions that the arrow keys bring back. */
const maxHistory = 200

/**
 * A conversation in the terminal. Each question has a line editor of its own, closed while the answer comes: only
 * then is Ctrl-C a signal again and not a key.
 */
export async function converse(call: Call, model: string): Promise<ExitCode> {
  const { terminal } = call
  const messages: ChatMessage[] = []
  const history: string[] = []
  terminal.note(terminal.paint('dim', `Talking to ${model}. /clear forgets, /exit or Ctrl-D leaves.`))
  for (;;) {
    const line = await readLine(history)
    if (line === 'interrupted') return exitCodes.interrupted
    if (line === null) return exitCodes.ok
    const text = line.text.trim()
    if (text === '') continue
    history.unshift(text)
    history.splice(maxHistory)
    if (text === '/exit' || text === '/quit' || text === '/bye') return exitCodes.ok
    if (text === '/clear') {
      messages.length = 0
      terminal.note(terminal.paint('dim', 'Forgotten.'))
    } else if (/^\/\w+$/.test(text)) terminal.note(`There is no ${text} here; /clear forgets, /exit leaves.`)
    else await turn(call, { model, messages, text })
  }
}

async function turn(
  call: Call,
  of: { readonly model: string; readonly messages: ChatMessage[]; readonly text: string },
): Promise<void> {
  const { terminal } = call
  const controller = new AbortController()
  using _ = terminal.onInterrupt(() => controller.abort())
  const asked: ChatMessage = { role: 'user', content: of.text }
  try {
    const spoken = await speak(call, { model: of.model, messages: [...of.messages, asked], signal: controller.signal })
    of.messages.push(asked, { role: 'assistant', content: spoken.text })
  } catch (thrown) {
    // a failed or stopped turn is forgotten: half an answer would mislead the ones after it
    if (thrown instanceof HearthError && thrown.code === 'aborted') {
      terminal.note(terminal.paint('dim', '(stopped)'))
      return
    }
    const told = tell(thrown)
    terminal.note(`${terminal.paint('red', 'error')}  ${told.message}${told.hint === null ? '' : `\n${told.hint}`}`)
  }
}

async function readLine(history: readonly string[]): Promise<{ readonly text: string } | 'interrupted' | null> {
  const editor = createInterface({
    input: process.stdin,
    output: process.stdout,
    history: [...history],
    terminal: true,
  })
  const { promise, resolve } = Promise.withResolvers<'interrupted' | null>()
  editor.on('SIGINT', () => resolve('interrupted'))
  editor.on('close', () => resolve(null))
  try {
    return await Promise.race([editor.question('> ').then((text) => ({ text })), promise])
  } finally {
    editor.close()
  }
}
