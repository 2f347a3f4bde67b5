import { type Body, isObject, optionalBoolean, shown } from './body.ts'
import { ApiError } from './errors.ts'
import { toGrammarSchema } from './json-schema.ts'
import type { ChatWrapper, Functions } from './model.ts'

/** The functions a request offers, and whether one must be called. */
export interface Tools {
  readonly functions: Functions
  readonly isForced: boolean
  readonly maxCalls: number
}

const maxTools = 512
/** A model that calls on and on is stopped here. */
const maxParallelCalls = 16

export function parseTools(body: Body): Tools | null {
  const { tools } = body
  const choice = body.tool_choice ?? 'auto'
  if (tools === null || tools === undefined) {
    if (choice === 'auto' || choice === 'none') return null
    throw new ApiError(400, `"tool_choice" is ${shown(choice)}, but there are no "tools".`, { param: 'tool_choice' })
  }
  if (!Array.isArray(tools) || tools.length > maxTools) {
    throw new ApiError(400, `"tools" must be a list of at most ${maxTools} tools.`, { param: 'tools' })
  }
  const functions: Record<string, Functions[string]> = {}
  tools.forEach((tool: unknown, at) => {
    const place = `tools[${at}]`
    const described = isObject(tool) ? tool.function : null
    if (!isObject(tool) || tool.type !== 'function' || !isObject(described) || typeof described.name !== 'string') {
      throw new ApiError(400, `${place} must have type "function" and a function with a name, not ${shown(tool)}.`, {
        param: place,
      })
    }
    functions[described.name] = {
      ...(typeof described.description === 'string' ? { description: described.description } : {}),
      ...paramsOf(described.parameters, place),
    }
  })
  if (choice === 'none' || tools.length === 0) return null
  const maxCalls = optionalBoolean(body, 'parallel_tool_calls') === false ? 1 : maxParallelCalls
  if (choice === 'auto') return { functions, isForced: false, maxCalls }
  if (choice === 'required') return { functions, isForced: true, maxCalls }
  const wanted = isObject(choice) && isObject(choice.function) ? choice.function.name : null
  const only = typeof wanted === 'string' ? functions[wanted] : undefined
  if (typeof wanted !== 'string' || only === undefined) {
    const message = `"tool_choice" must be "none", "auto", "required" or name one of the tools, not ${shown(choice)}.`
    throw new ApiError(400, message, { param: 'tool_choice' })
  }
  return { functions: { [wanted]: only }, isForced: true, maxCalls: 1 }
}

/** A function without parameters is called with none; the library then writes `{}` by itself. */
function paramsOf(parameters: unknown, place: string): { readonly params?: object } {
  if (parameters === undefined || parameters === null) return {}
  const isEmpty =
    isObject(parameters) && Object.keys(isObject(parameters.properties) ? parameters.properties : {}).length === 0
  if (isEmpty && !('$ref' in (parameters as object)) && !('anyOf' in (parameters as object))) return {}
  return { params: toGrammarSchema(parameters, `${place}.function.parameters`) }
}

/** The same chat format, but the answer begins inside a function call: the grammar then allows nothing else. */
export function forcingWrapper(wrapper: ChatWrapper): ChatWrapper {
  return Object.assign(Object.create(wrapper) as ChatWrapper, {
    generateContextState(state: Parameters<ChatWrapper['generateContextState']>[0]) {
      const { contextText, stopGenerationTriggers } = wrapper.generateContextState(state)
      const functionCall = { initiallyEngaged: true, disengageInitiallyEngaged: [] }
      return { contextText, stopGenerationTriggers, functionCall }
    },
  })
}
