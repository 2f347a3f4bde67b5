import type { Conversation, Json, Tool } from '../conversation/conversation.ts'
import { closedSchema } from './closed-schema.ts'
import { traitsOf, type ModelTraits } from './model-traits.ts'
import { nameOf } from './read-tools.ts'
import { writeTurns, type Written } from './write-turns.ts'

/** The vendor takes no smaller budget. */
const leastBudget = 1024

/** Tokens of thought for an effort, for models that want a number. */
const budgets: Readonly<Record<string, number>> = {
  minimal: 1024,
  low: 2048,
  medium: 8192,
  high: 16_384,
  xhigh: 24_576,
  max: 31_999,
}
/** The vendor refuses longer names of users. */
const longestUser = 256

/** Where thinking is wanted and not how much. */
const usualEffort = 'high'

/**
 * A request of `POST /v1/messages` for a conversation that was asked in another dialect. `seed`, penalties and names of
 * users have no place in it and are left out; tools that the caller's vendor runs are too.
 */
export function writeRequest(conversation: Conversation, model: string): Json {
  const traits = traitsOf(model)
  const tools = conversation.tools.filter((tool) => tool.kind !== 'hosted')
  const customTools = new Set(tools.flatMap((tool) => (tool.kind === 'custom' ? [tool.name] : [])))
  const written = writeTurns(conversation.turns, customTools)
  const maxTokens = conversation.maxTokens ?? traits.defaultMaxTokens
  const choice = toolChoice(conversation, tools)
  const thinking = writeThinking({ conversation, traits, maxTokens, choice, written })
  const system = [...written.system, ...jsonWish(conversation)]
  return {
    model,
    max_tokens: maxTokens,
    ...(system.length === 0 ? {} : { system }),
    messages: written.messages,
    ...(tools.length === 0 ? {} : { tools: tools.map((tool) => writeTool(tool, traits)) }),
    ...(choice === null ? {} : { tool_choice: choice }),
    ...sampling(conversation, traits, thinking !== null && thinking.type !== 'disabled'),
    ...(thinking === null ? {} : { thinking }),
    ...outputConfig(conversation, traits),
    ...(conversation.user === null ? {} : { metadata: { user_id: conversation.user.slice(0, longestUser) } }),
    ...(conversation.isStream ? { stream: true } : {}),
  }
}

function writeTool(tool: Tool, traits: ModelTraits): Json {
  if (tool.kind === 'hosted') return tool.raw
  const head = { name: tool.name, ...(tool.description === null ? {} : { description: tool.description }) }
  if (tool.kind === 'custom') return { ...head, ...freeText(tool.description, tool.format) }
  const schema = tool.parameters.type === undefined ? { type: 'object', ...tool.parameters } : tool.parameters
  return {
    ...head,
    ...(tool.isStrict === true && traits.takesStrictTools
      ? { input_schema: closedSchema(schema), strict: true }
      : { input_schema: schema }),
  }
}

/** A tool that takes free text becomes one with a single text; its grammar is told in words. */
function freeText(description: string | null, format: Json | null): Json {
  const definition =
    typeof format?.definition === 'string' ? `\nThe input follows this grammar:\n${format.definition}` : ''
  return {
    ...(definition === '' ? {} : { description: `${description ?? ''}${definition}`.trim() }),
    input_schema: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
  }
}

function toolChoice({ toolChoice: choice, isParallel }: Conversation, tools: readonly Tool[]): Json | null {
  if (tools.length === 0) return null
  const single = isParallel === false ? { disable_parallel_tool_use: true } : {}
  switch (choice?.kind) {
    case undefined:
      return isParallel === false ? { type: 'auto', ...single } : null
    case 'auto':
      return { type: 'auto', ...single }
    case 'none':
      return { type: 'none' }
    case 'required':
      return { type: 'any', ...single }
    case 'tool':
      return tools.some((tool) => nameOf(tool) === choice.name) ? { type: 'tool', name: choice.name, ...single } : null
  }
}

interface ThinkingFacts {
  readonly conversation: Conversation
  readonly traits: ModelTraits
  readonly maxTokens: number
  readonly choice: Json | null
  readonly written: Written
}

/**
 * 1. Nothing was said, or a tool is forced, which rules thinking out: nothing. 2. Unwanted: `disabled`. 3. Models that
 * think as they see fit: `adaptive`, with thoughts that can be read. 4. Others: a budget below `max_tokens`; none where
 * the last answer called tools without a signed thought, for these models want it back.
 */
function writeThinking({ conversation, traits, maxTokens, choice, written }: ThinkingFacts): Json | null {
  const wish = conversation.reasoning
  if (wish === null || choice?.type === 'any' || choice?.type === 'tool') return null
  if (wish.isOn === false || wish.effort === 'none') return { type: 'disabled' }
  if (traits.thinking === 'adaptive') return { type: 'adaptive', display: 'summarized' }
  // What was not said in tokens leaves half of them for the answer.
  const most = wish.budgetTokens === null ? Math.max(leastBudget, Math.floor(maxTokens / 2)) : maxTokens - 1
  const wanted = wish.budgetTokens ?? budgets[wish.effort ?? usualEffort] ?? leastBudget
  const budget = Math.min(Math.max(wanted, leastBudget), most, maxTokens - 1)
  return budget < leastBudget || lacksThought(written) ? null : { type: 'enabled', budget_tokens: budget }
}

function lacksThought({ messages }: Written): boolean {
  const last = messages.findLast((message) => message.role === 'assistant')
  const first = last?.content[0]?.type
  const isAnswered = messages.at(-1)?.content.some((block) => block.type === 'tool_result') === true
  return isAnswered && first !== 'thinking' && first !== 'redacted_thinking'
}

/** With thinking only the standard temperature is allowed; a value outside of 0 to 1 is the nearest inside. */
function sampling({ sampling: wish }: Conversation, traits: ModelTraits, isThinking: boolean): Json {
  const stop = wish.stop.filter((text) => text.trim() !== '')
  const stops = stop.length === 0 ? {} : { stop_sequences: stop }
  if (!traits.takesSampling || isThinking) return stops
  const temperature = wish.temperature === null ? {} : { temperature: Math.min(1, Math.max(0, wish.temperature)) }
  const hasTopP = wish.topP !== null && (traits.takesBothSamplers || wish.temperature === null)
  const topP = hasTopP ? { top_p: wish.topP } : {}
  const topK = wish.topK === null || wish.topK < 1 ? {} : { top_k: wish.topK }
  return { ...stops, ...temperature, ...topP, ...topK }
}

function outputConfig({ reasoning, format }: Conversation, traits: ModelTraits): Json {
  const said = reasoning?.isOn === false ? null : (reasoning?.effort ?? null)
  const wish = said === 'none' ? null : said === 'minimal' ? 'low' : said
  const effort = wish === null || traits.thinking !== 'adaptive' ? {} : { effort: wish }
  const schema =
    format?.kind === 'schema' ? { format: { type: 'json_schema', schema: closedSchema(format.schema) } } : {}
  const config = { ...effort, ...schema }
  return Object.keys(config).length === 0 ? {} : { output_config: config }
}

/** The dialect has JSON only with a schema; without one it is asked for in words. */
function jsonWish({ format }: Conversation): readonly Json[] {
  if (format?.kind !== 'json') return []
  return [{ type: 'text', text: 'Answer with one JSON object and nothing else: no other words, no code fence.' }]
}
