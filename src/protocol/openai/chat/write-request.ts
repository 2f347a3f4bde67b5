import type {
  AnswerFormat,
  Conversation,
  Json,
  ReasoningWish,
  Tool,
  ToolChoice,
} from '../../conversation/conversation.ts'
import { effortOfBudget } from '../../conversation/effort.ts'
import { isObject, said } from '../../json/members.ts'
import { functionOfCustom } from './custom-tools.ts'
import { writeMessages, type Server } from './write-messages.ts'

/** The request for `model`, as `server` takes it. A stream is always asked for with its usage. */
export function writeRequest(conversation: Conversation, model: string, server: Server): Json {
  const { sampling, isStream } = conversation
  return {
    ...extrasOf(conversation),
    model,
    messages: writeMessages(conversation, server),
    ...writeTools(conversation),
    ...said({
      [boundName(model, server)]: conversation.maxTokens,
      temperature: sampling.temperature,
      top_p: sampling.topP,
      top_k: server === 'engine' ? sampling.topK : null,
      stop: sampling.stop.length === 0 ? null : sampling.stop,
      seed: sampling.seed,
      presence_penalty: sampling.presencePenalty,
      frequency_penalty: sampling.frequencyPenalty,
      response_format: conversation.format === null ? null : writeFormat(conversation.format),
      user: conversation.user !== null && conversation.user.length <= longestUser ? conversation.user : null,
    }),
    ...writeReasoning(conversation, server),
    stream: isStream,
    ...(isStream ? { stream_options: { include_usage: true } } : {}),
  }
}

/** OpenAI's own bound. Claude Code writes ids of device and session here, which are longer and nobody's business. */
const longestUser = 64

/** `functions` only tells how the caller wants to be answered. */
const extrasOf = ({ extras }: Conversation): Json =>
  Object.fromEntries(Object.entries(extras).filter(([name]) => name !== 'functions'))

const openaiModel = /^(openai\/)?(gpt-(?!oss)|o\d|chatgpt-)/

/** OpenAI's newer models refuse the old name, everybody else knows it, and some only that one. */
export const boundName = (model: string, server: Server): string =>
  server === 'vendor' && openaiModel.test(model) ? 'max_completion_tokens' : 'max_tokens'

function writeTools({ tools, toolChoice, isParallel }: Conversation): Json {
  const known = tools.filter((tool) => tool.kind !== 'hosted')
  if (known.length === 0) return {}
  return {
    tools: known.map((tool) => ({ type: 'function', function: writeFunction(tool) })),
    ...said({
      tool_choice: toolChoice === null ? null : writeChoice(toolChoice, known),
      parallel_tool_calls: isParallel,
    }),
  }
}

function writeFunction(tool: Exclude<Tool, { readonly kind: 'hosted' }>): Json {
  if (tool.kind === 'custom') return functionOfCustom(tool)
  const { name, description, parameters, isStrict } = tool
  return { name, ...said({ description }), parameters, ...said({ strict: isStrict }) }
}

/** A tool that was dropped cannot be chosen. */
function writeChoice(choice: ToolChoice, known: readonly Exclude<Tool, { readonly kind: 'hosted' }>[]): unknown {
  if (choice.kind !== 'tool') return choice.kind
  const isKnown = known.some((tool) => tool.name === choice.name)
  return isKnown ? { type: 'function', function: { name: choice.name } } : null
}

function writeFormat(format: AnswerFormat): Json | null {
  switch (format.kind) {
    case 'text':
      return null
    case 'json':
      return { type: 'json_object' }
    case 'schema': {
      const { name, description, schema, isStrict } = format
      return {
        type: 'json_schema',
        json_schema: { name, ...said({ description }), schema, ...said({ strict: isStrict }) },
      }
    }
  }
}

/**
 * Engines are told by the template's arguments whether to think (Qwen and GLM read `enable_thinking`, DeepSeek and
 * Granite `thinking`), vendors have no common word for it. How much: in the three words that all take.
 */
function writeReasoning({ reasoning, extras }: Conversation, server: Server): Json {
  if (reasoning === null) return {}
  const { isOn } = reasoning
  const effort = isOn === false ? null : effortOf(reasoning)
  if (server === 'vendor' || isOn === null) return said({ reasoning_effort: effort })
  const before = isObject(extras['chat_template_kwargs']) ? extras['chat_template_kwargs'] : {}
  return {
    ...said({ reasoning_effort: effort }),
    chat_template_kwargs: { enable_thinking: isOn, thinking: isOn, ...before },
  }
}

function effortOf({ effort, budgetTokens }: ReasoningWish): string | null {
  if (effort === 'minimal') return 'low'
  if (effort === 'xhigh' || effort === 'max') return 'high'
  return effort !== null || budgetTokens === null ? effort : effortOfBudget(budgetTokens)
}
