import { objects, type Json } from '../scripted-turn.ts'
import { bad, isObject, type Fault } from './api.ts'
import { looseness } from './fit-schema.ts'

const toolName = /^[a-zA-Z0-9_-]{1,64}$/

/** Tools and their choice in chat completions, where they are nested. */
export function chatToolsFault(body: Json): Fault | null {
  const tools = body['tools']
  const hasTools = Array.isArray(tools) && tools.length > 0
  if (Array.isArray(tools) && !hasTools) return bad("[] is too short - 'tools'", 'tools')
  for (const name of ['tool_choice', 'parallel_tool_calls'])
    if (body[name] !== undefined && !hasTools) return bad(`'${name}' is only allowed when 'tools' are specified.`, name)
  for (const [index, tool] of objects(tools).entries()) {
    const { type } = tool
    if (type !== 'function' && type !== 'custom')
      return bad(`Invalid value: '${String(type)}'.`, `tools[${index}].type`)
    const told = tool[type]
    if (!isObject(told)) return bad(`Missing required parameter: 'tools[${index}].${type}'.`)
    const found = toolFault(told, index, type === 'function')
    if (found !== null) return found
  }
  const choice = body['tool_choice']
  const names = objects(tools).map((tool) => ((tool['function'] ?? tool['custom']) as Json)['name'])
  return choiceFault(choice, isObject(choice) ? (choice['function'] ?? choice['custom']) : undefined, names)
}

/** The same in Responses, where they are flat. */
export function flatToolsFault(body: Json): Fault | null {
  for (const [index, tool] of objects(body['tools']).entries()) {
    const { type } = tool
    if (type !== 'function' && type !== 'custom')
      return bad(`Invalid value: '${String(type)}'.`, `tools[${index}].type`)
    const found = toolFault(tool, index, type === 'function')
    if (found !== null) return found
  }
  const choice = body['tool_choice']
  return choiceFault(
    choice,
    choice,
    objects(body['tools']).map((tool) => tool['name']),
  )
}

function toolFault(tool: Json, index: number, isFunction: boolean): Fault | null {
  const { name, parameters, strict } = tool
  if (typeof name !== 'string' || !toolName.test(name)) return bad(`Invalid 'tools[${index}].name'.`)
  if (!isFunction || parameters === undefined || parameters === null) return null
  if (!isObject(parameters) || parameters['type'] !== 'object')
    return bad(`Invalid schema for function '${name}': schema must be a JSON Schema of 'type: "object"'.`)
  const loose = strict === true ? looseness(parameters, 'openai') : null
  return loose === null ? null : bad(`Invalid schema for function '${name}': ${loose}`)
}

function choiceFault(choice: unknown, named: unknown, names: readonly unknown[]): Fault | null {
  if (choice === undefined) return null
  if (typeof choice === 'string')
    return ['auto', 'none', 'required'].includes(choice) ? null : bad(`Invalid value: '${choice}'.`, 'tool_choice')
  if (isObject(named) && names.includes(named['name'])) return null
  return bad("Tool choice not found in 'tools' parameter.", 'tool_choice')
}

/** `response_format`, and `text.format` in its flat form. */
export function formatFault(format: unknown, words: string): Fault | null {
  if (format === undefined || format === null) return null
  if (!isObject(format)) return bad('the format is no object')
  switch (format['type']) {
    case 'text':
      return null
    case 'json_object':
      return /json/i.test(words) ? null : bad("'messages' must contain the word 'json' to use 'json_object'.")
    case 'json_schema': {
      const told = (format['json_schema'] ?? format) as Json
      if (typeof told['name'] !== 'string' || !toolName.test(told['name'])) return bad('a schema without a name')
      if (!isObject(told['schema'])) return bad('json_schema without a schema')
      const loose = told['strict'] === true ? looseness(told['schema'], 'openai') : null
      return loose === null ? null : bad(`Invalid schema for response_format: ${loose}`)
    }
    default:
      return bad(`Invalid value: '${String(format['type'])}'.`)
  }
}
