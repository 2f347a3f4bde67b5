import { strings } from '../../strings.ts'

/** A function the model may ask for. The page runs none: whoever talks types what it answered. */
export interface Tool {
  readonly name: string
  readonly description: string
  readonly parameters: Readonly<Record<string, unknown>>
}

export type ReadTools =
  | { readonly kind: 'tools'; readonly tools: readonly Tool[] }
  | { readonly kind: 'problem'; readonly message: string }

const words = strings.chat.tools
const namePattern = /^[a-zA-Z0-9_-]{1,64}$/
const mostTools = 128

export const exampleTools = `[
  {
    "name": "get_weather",
    "description": "The weather of a place, now.",
    "parameters": {
      "type": "object",
      "properties": { "place": { "type": "string" } },
      "required": ["place"]
    }
  }
]`

/**
 * Tools as they are written in the settings: one object or a list, each as the OpenAI API writes it
 * (`{"type": "function", "function": {…}}`) or only what stands inside of `function`.
 */
export function readTools(text: string): ReadTools {
  if (text.trim() === '') return { kind: 'tools', tools: [] }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (thrown) {
    return { kind: 'problem', message: words.notJson(thrown instanceof Error ? thrown.message : '') }
  }
  const entries: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (entries.length > mostTools) return { kind: 'problem', message: words.tooMany(String(mostTools)) }
  const tools: Tool[] = []
  for (const [place, entry] of entries.entries()) {
    const tool = readTool(entry)
    if (typeof tool === 'string') return { kind: 'problem', message: words.at(String(place + 1), tool) }
    if (tools.some((other) => other.name === tool.name))
      return { kind: 'problem', message: words.at(String(place + 1), words.twice(tool.name)) }
    tools.push(tool)
  }
  return { kind: 'tools', tools }
}

/** The `tools` of a request; absent when there are none. */
export function toolsBody(text: string): Readonly<Record<string, unknown>> {
  const read = readTools(text)
  if (read.kind === 'problem' || read.tools.length === 0) return {}
  return { tools: read.tools.map((tool) => ({ type: 'function', function: tool })) }
}

function readTool(entry: unknown): Tool | string {
  const outer = record(entry)
  const inner = record(outer?.['function']) ?? outer
  if (!inner) return words.noObject
  const { name, description = '', parameters = { type: 'object', properties: {} } } = inner
  if (typeof name !== 'string' || !namePattern.test(name)) return words.noName
  if (typeof description !== 'string') return words.noDescription
  const schema = record(parameters)
  return schema ? { name, description, parameters: schema } : words.noParameters
}

function record(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}
