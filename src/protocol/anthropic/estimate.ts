import type { Conversation, InputPart, OutputPart, Tool } from '../conversation/conversation.ts'

/** What an image costs that is as large as the vendor takes them. */
const imageTokens = 1600
/** What a file costs whose pages cannot be counted here. */
const fileTokens = 3000
/** Second of sound. */
const audioTokensPerSecond = 25
/** Bytes of base64 for a second of sound of usual quality. */
const audioBytesPerSecond = 40_000
/** What stands between turns and around tools. */
const turnTokens = 5
const toolTokens = 12
const systemTokens = 8

/**
 * About how many tokens a conversation has, for models whose own count cannot be had: rather too many than too few, for
 * who asks wants to know whether it still fits. Letters of ASCII count as 3.5 to a token; others, of which most models
 * make a token each or more, as one.
 */
export function estimateTokens({ turns, tools }: Conversation): number {
  const said = turns.reduce((sum, turn) => sum + turnTokens + sumOf(turn.parts), 0)
  const told = tools.reduce((sum, tool) => sum + toolTokens + textTokens(toolText(tool)), 0)
  return Math.ceil(said + told + systemTokens)
}

const sumOf = (parts: readonly (InputPart | OutputPart)[]): number =>
  parts.reduce((sum, part) => sum + partTokens(part), 0)

function partTokens(part: InputPart | OutputPart): number {
  switch (part.kind) {
    case 'text':
    case 'refusal':
      return textTokens(part.text)
    case 'reasoning':
      return textTokens(part.text) + textTokens(part.sealed ?? '')
    case 'tool_call':
      return toolTokens + textTokens(part.name) + textTokens(part.arguments)
    case 'image':
      return imageTokens
    case 'audio':
      return audioTokensPerSecond * Math.ceil(part.data.length / audioBytesPerSecond)
    case 'file':
      return fileTokens
  }
}

const toolText = (tool: Tool): string => JSON.stringify(tool.kind === 'hosted' ? tool.raw : tool)

const asciiPerToken = 3.5

function textTokens(text: string): number {
  let others = 0
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 127) others++
  return (text.length - others) / asciiPerToken + others
}
