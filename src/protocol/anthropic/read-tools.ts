import type { Json, Tool, ToolChoice } from '../conversation/conversation.ts'
import {
  flagOf,
  listOf,
  objectOf,
  optionalList,
  optionalObject,
  textOf,
  wantedObject,
  wantedText,
} from '../json/members.ts'

/** Keeps the vendor's deferred loading switched on and is never called: nothing that another model should see. */
const placeholder = 'DeferredToolPlaceholder'

/** Tools that the vendor describes and the caller runs: other models need the description. */
const clientTools: Readonly<Record<string, { readonly description: string; readonly parameters: Json }>> = {
  bash: {
    description: 'Runs a command in a shell that stays open between calls, and answers what it wrote.',
    parameters: {
      type: 'object',
      properties: {
        command: { type: 'string', description: 'The command.' },
        restart: { type: 'boolean', description: 'true: begins anew with a fresh shell.' },
      },
    },
  },
  text_editor: {
    description: 'Shows, creates and edits text files.',
    parameters: {
      type: 'object',
      properties: {
        command: { type: 'string', enum: ['view', 'create', 'str_replace', 'insert'] },
        path: { type: 'string', description: 'The path of the file or folder.' },
        view_range: { type: 'array', items: { type: 'integer' }, description: 'For view: the first and last line.' },
        file_text: { type: 'string', description: 'For create: the whole text.' },
        old_str: { type: 'string', description: 'For str_replace: the text that is there exactly once.' },
        new_str: { type: 'string', description: 'For str_replace: the text that takes its place.' },
        insert_line: { type: 'integer', description: 'For insert: the line after which the text goes; 0 = first.' },
        insert_text: { type: 'string', description: 'For insert: the text.' },
      },
      required: ['command', 'path'],
    },
  },
}

/**
 * Tools, deferred ones too: other models have no way to load them later, so they see all of them from the start. Tools
 * that the vendor's servers run become `hosted`.
 */
export function readTools(tools: unknown): readonly Tool[] {
  return (optionalList(tools, 'tools') ?? []).flatMap((tool, index) =>
    readTool(wantedObject(tool, `tools.${index}`), `tools.${index}`),
  )
}

function readTool(tool: Json, at: string): readonly Tool[] {
  const type = textOf(tool.type) ?? 'custom'
  if (type !== 'custom') return [versionedTool(type, tool)]
  const name = wantedText(tool.name, `${at}.name`)
  if (name === placeholder) return []
  return [
    {
      kind: 'function',
      name,
      description: textOf(tool.description),
      parameters: objectOf(tool.input_schema) ?? { type: 'object', properties: {} },
      isStrict: flagOf(tool.strict),
    },
  ]
}

/** `bash_20250124` and the like: the version is the end of the type. */
function versionedTool(type: string, raw: Json): Tool {
  const known = clientTools[type.replace(/_\d{8}$/, '')]
  const name = textOf(raw.name)
  if (known === undefined || name === null) return { kind: 'hosted', type, raw }
  return { kind: 'function', name, ...known, isStrict: null }
}

/** What system messages between the turns add and take away: the tools as they are for the next answer. */
export function changedTools(tools: readonly Tool[], messages: readonly unknown[]): readonly Tool[] {
  let current = tools
  for (const message of messages) {
    const content = objectOf(message)
    if (content?.role !== 'system') continue
    for (const block of listOf(content.content)) current = changed(current, objectOf(block))
  }
  return current
}

function changed(tools: readonly Tool[], block: Json | null): readonly Tool[] {
  const tool = objectOf(block?.tool)
  if (tool === null) return tools
  if (block?.type === 'tool_removal') return tools.filter((each) => nameOf(each) !== tool.name)
  if (block?.type !== 'tool_addition' || tool.type !== 'tool_definition') return tools
  const added = readTool(objectOf(tool.definition) ?? {}, 'tool_addition')
  const names = new Set(added.map(nameOf))
  return [...tools.filter((each) => !names.has(nameOf(each))), ...added]
}

export const nameOf = (tool: Tool): string =>
  tool.kind === 'hosted' ? (textOf(tool.raw.name) ?? tool.type) : tool.name

export interface ReadChoice {
  readonly toolChoice: ToolChoice | null
  readonly isParallel: boolean | null
}

export function readToolChoice(value: unknown): ReadChoice {
  const choice = optionalObject(value, 'tool_choice')
  if (choice === null) return { toolChoice: null, isParallel: null }
  const isParallel = typeof choice.disable_parallel_tool_use === 'boolean' ? !choice.disable_parallel_tool_use : null
  switch (choice.type) {
    case 'auto':
    case 'none':
      return { toolChoice: { kind: choice.type }, isParallel }
    case 'any':
      return { toolChoice: { kind: 'required' }, isParallel }
    case 'tool':
      return { toolChoice: { kind: 'tool', name: wantedText(choice.name, 'tool_choice.name') }, isParallel }
    default:
      return { toolChoice: null, isParallel }
  }
}
