import { answerOnce } from '../chat/once.ts'
import { chooseModel } from '../chat/model.ts'
import { converse } from '../chat/converse.ts'
import type { Call, Command } from '../command.ts'
import { usageError } from '../failures.ts'
import type { ExitCode } from '../failures.ts'

export const chatCommand: Command = {
  name: 'chat',
  summary: 'talk to a model: one question, or a conversation',
  details:
    'Without PROMPT the question is what is piped in, or a conversation begins. Without MODEL a model that is ready is taken.\nOne argument that is no model and holds a space is the PROMPT. Ctrl-C stops an answer; a second one leaves.',
  positionals: [
    { name: 'MODEL', isOptional: true },
    { name: 'PROMPT', isOptional: true },
  ],
  options: [
    {
      name: 'system',
      short: 's',
      kind: 'text',
      value: 'TEXT',
      summary: 'instructions that stand before the conversation',
    },
    {
      name: 'temperature',
      short: 't',
      kind: 'number',
      value: 'N',
      min: 0,
      max: 5,
      summary: 'how freely it chooses its words',
    },
    { name: 'max-tokens', kind: 'number', value: 'N', min: 1, summary: 'the longest answer' },
  ],
  examples: [
    'hearth chat',
    'hearth chat qwen "Why is the sky blue?"',
    'git diff | hearth chat qwen --system "Write a commit message."',
  ],
  run: chat,
}

async function chat(call: Call): Promise<ExitCode> {
  const { model, prompt } = await chooseModel(call)
  if (prompt !== null) return answerOnce(call, { model, prompt })
  if (!call.terminal.hasInputTerminal) return answerOnce(call, { model, prompt: await readPiped() })
  if (!call.terminal.isInteractive || call.isJson) {
    throw usageError('A conversation needs a terminal. Give the PROMPT as an argument or pipe it in.')
  }
  return converse(call, model)
}

const maxPipedBytes = 16 * 1024 * 1024

async function readPiped(): Promise<string> {
  const decoder = new TextDecoder()
  let size = 0
  let text = ''
  for await (const chunk of Bun.stdin.stream()) {
    size += chunk.byteLength
    if (size > maxPipedBytes) throw usageError(`What is piped in is longer than ${maxPipedBytes} bytes.`)
    text += decoder.decode(chunk, { stream: true })
  }
  if (text.trim() === '') throw usageError('Nothing was asked: what is piped in is empty. Give a PROMPT.')
  return text
}
