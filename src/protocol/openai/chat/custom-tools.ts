import type { Conversation, Json, Tool } from '../../conversation/conversation.ts'
import { isObject, textOf } from '../../json/members.ts'

type CustomTool = Extract<Tool, { readonly kind: 'custom' }>

/** The one parameter of the function that stands for a tool of free text; conversation/free-text.ts takes it off. */
export const inputParameter = 'input'

/**
 * A tool of free text for models that know functions only: one parameter, and what the text must look like in its
 * description.
 */
export function functionOfCustom(tool: CustomTool): Json {
  const grammar = tool.format === null ? null : grammarOf(tool.format)
  return {
    name: tool.name,
    description: [tool.description, grammar].filter((text) => text !== null).join('\n\n'),
    parameters: {
      type: 'object',
      properties: { [inputParameter]: { type: 'string', description: 'The whole input of the tool, as plain text.' } },
      required: [inputParameter],
      additionalProperties: false,
    },
  }
}

function grammarOf(format: Json): string | null {
  const told = isObject(format.grammar) ? format.grammar : format
  if (typeof told.definition !== 'string') return null
  return `The input must follow this grammar (${textOf(told.syntax) ?? 'lark'}):\n${told.definition}`
}

export function isCustom({ tools }: Conversation, name: string): boolean {
  return tools.some((tool) => tool.kind === 'custom' && tool.name === name)
}
