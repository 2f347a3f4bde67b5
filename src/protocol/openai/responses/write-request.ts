import { AppError } from '../../../kernel/errors.ts'
import type {
  AnswerFormat,
  Conversation,
  InputPart,
  Json,
  OutputPart,
  ReasoningWish,
  Source,
  Tool,
  ToolChoice,
  Turn,
} from '../../conversation/conversation.ts'
import { dataUrl } from '../../conversation/data-url.ts'
import { effortOfBudget } from '../../conversation/effort.ts'
import { isSealedByAnthropic } from '../../conversation/sealed.ts'
import { said } from '../../json/members.ts'
import { seal } from './thought.ts'

/**
 * The request for an upstream that speaks Responses. It keeps nothing (`store: false`): the whole conversation goes
 * along each time, sealed thoughts included. Left out, because the dialect has no word for them and the meaning stays:
 * `top_k`, seed, penalties. Stop sequences end an answer somewhere else: they are refused.
 */
export function writeRequest(conversation: Conversation, model: string): Json {
  if (conversation.sampling.stop.length > 0) throw noStop()
  const { instructions, turns } = splitSystem(conversation.turns)
  const { sampling, reasoning } = conversation
  const kinds = new Map(conversation.tools.flatMap((tool) => (tool.kind === 'hosted' ? [] : [[tool.name, tool.kind]])))
  const thinks = reasoning !== null && reasoning.isOn !== false
  return said({
    model,
    instructions,
    input: itemsOf(turns, (name) => kinds.get(name) === 'custom'),
    stream: conversation.isStream,
    store: false,
    // Models that do not think refuse to be asked for sealed thoughts.
    include: thinks ? ['reasoning.encrypted_content'] : null,
    reasoning: thinks ? said({ effort: effortOf(reasoning), summary: reasoning.summary }) : null,
    tools: conversation.tools.length === 0 ? null : conversation.tools.map(toolOf),
    tool_choice: conversation.toolChoice === null ? null : choiceOf(conversation.toolChoice, kinds),
    parallel_tool_calls: conversation.isParallel,
    max_output_tokens: conversation.maxTokens === null ? null : Math.max(leastBound, conversation.maxTokens),
    temperature: sampling.temperature,
    top_p: sampling.topP,
    text: conversation.format === null ? null : { format: formatOf(conversation.format) },
    user: conversation.user,
  })
}

/** OpenAI refuses a smaller bound, and clients of other dialects ask for one token to see whether somebody answers. */
const leastBound = 16

function noStop(): AppError {
  return new AppError('invalid', 'This model is reached through the Responses API, which has no stop sequences.', {
    reason: 'not_translatable',
    param: 'stop',
  })
}

/** System turns at the front are the instructions; later ones keep their place as messages of the developer. */
function splitSystem(turns: readonly Turn[]): {
  readonly instructions: string | null
  readonly turns: readonly Turn[]
} {
  const count = turns.findIndex((turn) => turn.role !== 'system')
  // A conversation of nothing else needs something to answer.
  const leading = count < 0 ? turns.length - 1 : count
  const texts = turns
    .slice(0, leading)
    .flatMap((turn) => (turn.role === 'system' ? [turn.parts.map((part) => part.text).join('\n\n')] : []))
  return { instructions: texts.length === 0 ? null : texts.join('\n\n'), turns: turns.slice(leading) }
}

function itemsOf(turns: readonly Turn[], isCustom: (name: string) => boolean): readonly Json[] {
  const customCalls = new Set<string>()
  return turns.flatMap((turn): readonly Json[] => {
    switch (turn.role) {
      case 'system':
        return [{ type: 'message', role: 'developer', content: turn.parts.map(inputPartOf) }]
      case 'user':
        return [{ type: 'message', role: 'user', content: turn.parts.map(inputPartOf) }]
      case 'assistant':
        return spokenItems(turn.parts, (call) => {
          if (!isCustom(call.name)) return false
          customCalls.add(call.id)
          return true
        })
      case 'tool': {
        const type = customCalls.has(turn.callId) ? 'custom_tool_call_output' : 'function_call_output'
        return [{ type, call_id: turn.callId, output: resultOf(turn) }]
      }
    }
  })
}

function resultOf({ parts, isError }: Extract<Turn, { role: 'tool' }>): unknown {
  const isPlain = parts.every((part) => part.kind === 'text')
  const text = parts.map((part) => (part.kind === 'text' ? part.text : '')).join('\n')
  // The dialect does not tell a failed call from another: models read it in the words.
  if (isPlain) return isError && !/^error/i.test(text) ? `Error: ${text}` : text
  return parts.map(inputPartOf)
}

type Call = Extract<OutputPart, { kind: 'tool_call' }>

function spokenItems(parts: readonly OutputPart[], isCustom: (call: Call) => boolean): readonly Json[] {
  const items: Json[] = []
  for (const part of parts) {
    switch (part.kind) {
      case 'text':
      case 'refusal': {
        const content =
          part.kind === 'text' ? { type: 'output_text', text: part.text } : { type: 'refusal', refusal: part.text }
        items.push({ type: 'message', role: 'assistant', content: [content] })
        break
      }
      case 'reasoning': {
        // Thoughts in clear are another vendor's: nobody but their own model takes them back.
        const isOthers = part.signature !== null || (part.sealed !== null && isSealedByAnthropic(part.sealed))
        const content = isOthers ? null : seal(part)
        const summary = part.text === '' ? [] : [{ type: 'summary_text', text: part.text }]
        if (content !== null) items.push({ type: 'reasoning', summary, encrypted_content: content })
        break
      }
      case 'tool_call':
        items.push(
          isCustom(part)
            ? { type: 'custom_tool_call', call_id: part.id, name: part.name, input: part.arguments }
            : { type: 'function_call', call_id: part.id, name: part.name, arguments: part.arguments || '{}' },
        )
    }
  }
  return items
}

function inputPartOf(part: InputPart): Json {
  switch (part.kind) {
    case 'text':
      return { type: 'input_text', text: part.text }
    case 'image':
      return said({ type: 'input_image', ...imageSource(part.source), detail: part.detail ?? 'auto' })
    case 'audio':
      return { type: 'input_audio', input_audio: { format: part.format, data: part.data } }
    case 'file':
      return said({ type: 'input_file', filename: part.name, ...fileSource(part.source) })
  }
}

function imageSource(source: Source): Json {
  if (source.kind === 'id') return { file_id: source.id }
  return { image_url: source.kind === 'url' ? source.url : dataUrl(source) }
}

function fileSource(source: Source): Json {
  if (source.kind === 'id') return { file_id: source.id }
  return source.kind === 'url' ? { file_url: source.url } : { file_data: dataUrl(source) }
}

function toolOf(tool: Tool): Json {
  switch (tool.kind) {
    case 'function':
      return said({
        type: 'function',
        name: tool.name,
        description: tool.description,
        parameters: tool.parameters,
        // Here a function that does not say is strict, and a schema that was not written for it is refused.
        strict: tool.isStrict ?? false,
      })
    case 'custom':
      return said({ type: 'custom', name: tool.name, description: tool.description, format: tool.format })
    case 'hosted':
      return tool.raw
  }
}

function choiceOf(choice: ToolChoice, kinds: ReadonlyMap<string, string>): unknown {
  return choice.kind === 'tool' ? { type: kinds.get(choice.name) ?? 'function', name: choice.name } : choice.kind
}

/** A budget in tokens is a wish that this dialect words as effort. */
function effortOf({ effort, budgetTokens }: ReasoningWish): string | null {
  return effort !== null || budgetTokens === null ? effort : effortOfBudget(budgetTokens)
}

function formatOf(format: AnswerFormat): Json {
  switch (format.kind) {
    case 'text':
      return { type: 'text' }
    case 'json':
      return { type: 'json_object' }
    case 'schema': {
      const { name, description, schema, isStrict } = format
      return said({ type: 'json_schema', name, description, schema, strict: isStrict })
    }
  }
}
