import type { Json, Tool, ToolChoice } from '../../conversation/conversation.ts'
import {
  isObject,
  optionalFlag,
  optionalList,
  optionalObject,
  optionalText,
  wantedSomeText,
  wrong,
} from '../../json/members.ts'

/** `tools`, and `functions` of the time before them. */
export function readTools(body: Json): readonly Tool[] {
  const tools = (optionalList(body.tools, 'tools') ?? []).map((tool, index) => readTool(tool, `tools[${index}]`))
  const functions = (optionalList(body.functions, 'functions') ?? []).map((tool, index) => {
    if (!isObject(tool)) throw wrong(`functions[${index}]`, 'an object', tool)
    return readFunction(tool, `functions[${index}]`)
  })
  return [...tools, ...functions]
}

function readTool(tool: unknown, at: string): Tool {
  if (!isObject(tool)) throw wrong(at, 'an object', tool)
  const type = wantedSomeText(tool.type, `${at}.type`)
  if (type === 'function')
    return readFunction(optionalObject(tool.function, `${at}.function`) ?? tool, `${at}.function`)
  if (type !== 'custom') return { kind: 'hosted', type, raw: tool }
  const custom = optionalObject(tool.custom, `${at}.custom`) ?? tool
  return {
    kind: 'custom',
    name: wantedSomeText(custom.name, `${at}.custom.name`),
    description: optionalText(custom.description, `${at}.custom.description`),
    format: optionalObject(custom.format, `${at}.custom.format`),
  }
}

function readFunction(definition: Json, at: string): Tool {
  return {
    kind: 'function',
    name: wantedSomeText(definition.name, `${at}.name`),
    description: optionalText(definition.description, `${at}.description`),
    parameters: optionalObject(definition.parameters, `${at}.parameters`) ?? noParameters,
    isStrict: optionalFlag(definition.strict, `${at}.strict`),
  }
}

export const noParameters: Json = { type: 'object', properties: {} }

export function readToolChoice(body: Json): ToolChoice | null {
  const choice = body.tool_choice ?? body.function_call
  if (choice === undefined || choice === null) return null
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { kind: choice }
  if (choice === 'any') return { kind: 'required' }
  const named = isObject(choice) ? [choice.function, choice.custom, choice].find(hasName) : undefined
  if (named === undefined) throw wrong('tool_choice', '"auto", "none", "required" or the name of a tool', choice)
  return { kind: 'tool', name: named.name }
}

const hasName = (value: unknown): value is { readonly name: string } =>
  isObject(value) && typeof value.name === 'string'
