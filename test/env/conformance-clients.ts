/** The same questions, asked with the official clients of three dialects, and their answers in one form. */
import type Anthropic from '@anthropic-ai/sdk'
import type OpenAI from 'openai'

type Json = Readonly<Record<string, unknown>>

export interface Clients {
  readonly openai: OpenAI
  readonly anthropic: Anthropic
}

export interface Ask {
  readonly system?: string
  readonly turns: readonly AskTurn[]
  /** The tool `weather`, with a city. */
  readonly hasTool?: boolean
  readonly choice?: 'none' | 'required' | 'weather'
  readonly isOneAtATime?: boolean
  readonly schema?: Json
  readonly isJson?: boolean
  readonly thinks?: boolean
  readonly maxTokens?: number
  readonly stop?: readonly string[]
  readonly temperature?: number
  readonly topP?: number
}

export type AskTurn =
  | { readonly kind: 'user'; readonly text: string; readonly image?: string; readonly pdf?: string }
  | { readonly kind: 'answer'; readonly got: Got }
  | { readonly kind: 'results'; readonly results: readonly { readonly id: string; readonly text: string }[] }

export interface Got {
  readonly text: string
  readonly thought: string
  readonly refusal: string
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[]
  readonly end: string
  readonly usage: {
    readonly input: number
    readonly cached: number
    readonly output: number
    readonly reasoning: number | null
  }
  /** As the client gives it, to be sent back. */
  readonly raw: unknown
}

export interface How {
  readonly model: string
  readonly isStream: boolean
  readonly signal?: AbortSignal
  /** Called with every event of a stream. */
  readonly onEvent?: () => void
}

export const drivers = { chat: askChat, responses: askResponses, messages: askMessages }
export type DriverName = keyof typeof drivers

export const citySchema = {
  type: 'object' as const,
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}

const without = (members: Json): Json =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

async function askChat({ openai }: Clients, ask: Ask, how: How): Promise<Got> {
  const { hasTool, choice, schema } = ask
  const tool = { type: 'function', function: { name: 'weather', description: 'The weather.', parameters: citySchema } }
  const forced = choice === 'weather' ? { type: 'function', function: { name: 'weather' } } : choice
  const body = without({
    model: how.model,
    messages: [
      ...(ask.system === undefined ? [] : [{ role: 'system', content: ask.system }]),
      ...ask.turns.flatMap(chatMessages),
    ],
    tools: hasTool === true ? [tool] : undefined,
    tool_choice: forced,
    parallel_tool_calls: ask.isOneAtATime === true ? false : undefined,
    response_format:
      schema !== undefined
        ? { type: 'json_schema', json_schema: { name: 'reading', schema, strict: true } }
        : ask.isJson === true
          ? { type: 'json_object' }
          : undefined,
    reasoning_effort: ask.thinks === true ? 'low' : undefined,
    max_completion_tokens: ask.maxTokens,
    stop: ask.stop,
    temperature: ask.temperature,
    top_p: ask.topP,
  }) as unknown as OpenAI.ChatCompletionCreateParamsNonStreaming
  const options = how.signal === undefined ? {} : { signal: how.signal }
  if (!how.isStream) return gotOfChat(await openai.chat.completions.create(body, options))
  const stream = openai.chat.completions.stream(
    { ...body, stream: true, stream_options: { include_usage: true } },
    options,
  )
  let thought = ''
  stream.on('chunk', (chunk) => {
    how.onEvent?.()
    const { reasoning_content: more } = (chunk.choices[0]?.delta ?? {}) as { readonly reasoning_content?: string }
    thought += more ?? ''
  })
  const got = gotOfChat(await stream.finalChatCompletion())
  // The client's own accumulation knows no member of this name.
  return { ...got, thought }
}

function chatMessages(turn: AskTurn): readonly Json[] {
  switch (turn.kind) {
    case 'user': {
      const { text, image, pdf } = turn
      if (image === undefined && pdf === undefined) return [{ role: 'user', content: text }]
      const file = { type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf}` } }
      const picture = { type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } }
      return [{ role: 'user', content: [{ type: 'text', text }, image === undefined ? file : picture] }]
    }
    case 'answer':
      return [turn.got.raw as Json]
    case 'results':
      return turn.results.map(({ id, text }) => ({ role: 'tool', tool_call_id: id, content: text }))
  }
}

const chatEnds: Readonly<Record<string, string>> = { tool_calls: 'calls', content_filter: 'refusal' }

function gotOfChat({ choices, usage }: OpenAI.ChatCompletion): Got {
  const [choice] = choices
  if (choice === undefined) throw new Error('an answer without a choice')
  const { message, finish_reason: end } = choice
  const { reasoning_content: thought } = message as { readonly reasoning_content?: string }
  return {
    text: message.content ?? '',
    thought: thought ?? '',
    refusal: message.refusal ?? '',
    calls: (message.tool_calls ?? []).flatMap((call) =>
      call.type === 'function'
        ? [{ id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments) as unknown }]
        : [],
    ),
    end: chatEnds[end] ?? end,
    usage: {
      input: usage?.prompt_tokens ?? -1,
      cached: usage?.prompt_tokens_details?.cached_tokens ?? 0,
      output: usage?.completion_tokens ?? -1,
      reasoning: usage?.completion_tokens_details?.reasoning_tokens ?? null,
    },
    raw: message,
  }
}

async function askResponses({ openai }: Clients, ask: Ask, how: How): Promise<Got> {
  const { hasTool, choice, schema } = ask
  const tool = { type: 'function', name: 'weather', description: 'The weather.', parameters: citySchema, strict: true }
  const format =
    schema !== undefined ? { type: 'json_schema', name: 'reading', schema, strict: true } : { type: 'json_object' }
  const body = without({
    model: how.model,
    instructions: ask.system,
    input: ask.turns.flatMap(responseItems),
    tools: hasTool === true ? [tool] : undefined,
    tool_choice: choice === 'weather' ? { type: 'function', name: 'weather' } : choice,
    parallel_tool_calls: ask.isOneAtATime === true ? false : undefined,
    text: schema !== undefined || ask.isJson === true ? { format } : undefined,
    reasoning: ask.thinks === true ? { effort: 'low', summary: 'auto' } : undefined,
    include: ask.thinks === true ? ['reasoning.encrypted_content'] : undefined,
    max_output_tokens: ask.maxTokens,
    temperature: ask.temperature,
    top_p: ask.topP,
    store: false,
  }) as unknown as OpenAI.Responses.ResponseCreateParamsNonStreaming
  const options = how.signal === undefined ? {} : { signal: how.signal }
  if (!how.isStream) return gotOfResponse(await openai.responses.create(body, options))
  const stream = openai.responses.stream({ ...body, stream: true }, options)
  stream.on('event', () => how.onEvent?.())
  return gotOfResponse(await stream.finalResponse())
}

function responseItems(turn: AskTurn): readonly Json[] {
  switch (turn.kind) {
    case 'user': {
      const { text, image, pdf } = turn
      if (image === undefined && pdf === undefined) return [{ role: 'user', content: text }]
      const file = { type: 'input_file', filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf}` }
      const picture = { type: 'input_image', image_url: `data:image/png;base64,${image}`, detail: 'auto' }
      return [{ role: 'user', content: [{ type: 'input_text', text }, image === undefined ? file : picture] }]
    }
    case 'answer':
      return turn.got.raw as readonly Json[]
    case 'results':
      return turn.results.map(({ id, text }) => ({ type: 'function_call_output', call_id: id, output: text }))
  }
}

function gotOfResponse({ output, usage, status, incomplete_details: cut }: OpenAI.Responses.Response): Got {
  const calls = output.flatMap((item) => (item.type === 'function_call' ? [item] : []))
  const parts = output.flatMap((item) => (item.type === 'message' ? item.content : []))
  const thoughts = output.flatMap((item) => (item.type === 'reasoning' ? [item] : []))
  const refusal = parts.map((part) => (part.type === 'refusal' ? part.refusal : '')).join('')
  const said = (cut?.reason ?? '') === 'max_output_tokens' ? 'length' : (cut?.reason ?? String(status))
  return {
    text: parts.map((part) => (part.type === 'output_text' ? part.text : '')).join(''),
    thought: thoughts
      .flatMap(({ summary, content }) => [...summary, ...(content ?? [])].map(({ text }) => text))
      .join(''),
    refusal,
    calls: calls.map(({ call_id: id, name, arguments: input }) => ({ id, name, input: JSON.parse(input) as unknown })),
    end: said !== 'completed' ? said : calls.length > 0 ? 'calls' : refusal === '' ? 'stop' : 'refusal',
    usage: {
      input: usage?.input_tokens ?? -1,
      cached: usage?.input_tokens_details.cached_tokens ?? 0,
      output: usage?.output_tokens ?? -1,
      reasoning: usage?.output_tokens_details.reasoning_tokens ?? null,
    },
    raw: output,
  }
}

const usualMaxTokens = 4000

async function askMessages({ anthropic }: Clients, ask: Ask, how: How): Promise<Got> {
  const { hasTool, choice, schema } = ask
  const thinksAsItLikes = how.model.includes('opus-4-8')
  const kind = { none: 'none', required: 'any', weather: 'tool' }[choice ?? 'none']
  const single = ask.isOneAtATime === true ? { disable_parallel_tool_use: true } : {}
  const wish = choice === 'weather' ? { type: kind, name: 'weather', ...single } : { type: kind, ...single }
  const body = without({
    model: how.model,
    max_tokens: ask.maxTokens ?? usualMaxTokens,
    system: ask.system,
    messages: ask.turns.map(anthropicMessage),
    tools: hasTool === true ? [{ name: 'weather', description: 'The weather.', input_schema: citySchema }] : undefined,
    tool_choice: choice === undefined ? (ask.isOneAtATime === true ? { type: 'auto', ...single } : undefined) : wish,
    output_config: schema === undefined ? undefined : { format: { type: 'json_schema', schema } },
    thinking:
      ask.thinks !== true
        ? undefined
        : thinksAsItLikes
          ? { type: 'adaptive', display: 'summarized' }
          : { type: 'enabled', budget_tokens: 1024 },
    stop_sequences: ask.stop,
    temperature: ask.temperature,
    top_p: ask.topP,
  }) as unknown as Anthropic.MessageCreateParamsNonStreaming
  const options = how.signal === undefined ? {} : { signal: how.signal }
  if (!how.isStream) return gotOfMessage(await anthropic.messages.create(body, options))
  const stream = anthropic.messages.stream(body, options)
  stream.on('streamEvent', () => how.onEvent?.())
  return gotOfMessage(await stream.finalMessage())
}

function anthropicMessage(turn: AskTurn): Json {
  switch (turn.kind) {
    case 'user': {
      const { text, image, pdf } = turn
      if (image === undefined && pdf === undefined) return { role: 'user', content: text }
      const block =
        image === undefined
          ? { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: pdf } }
          : { type: 'image', source: { type: 'base64', media_type: 'image/png', data: image } }
      return { role: 'user', content: [block, { type: 'text', text }] }
    }
    case 'answer':
      return { role: 'assistant', content: turn.got.raw }
    case 'results': {
      const content = turn.results.map(({ id, text }) => ({ type: 'tool_result', tool_use_id: id, content: text }))
      return { role: 'user', content }
    }
  }
}

const anthropicEnds: Readonly<Record<string, string>> = { end_turn: 'stop', max_tokens: 'length', tool_use: 'calls' }

function gotOfMessage({ content, usage, stop_reason: reason }: Anthropic.Message): Got {
  const end = String(reason)
  const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('')
  const { output_tokens_details: details } = usage as { readonly output_tokens_details?: { thinking_tokens?: number } }
  const cached = usage.cache_read_input_tokens ?? 0
  return {
    text: end === 'refusal' ? '' : text,
    thought: content.map((block) => (block.type === 'thinking' ? block.thinking : '')).join(''),
    refusal: end === 'refusal' ? text : '',
    calls: content.flatMap((block) =>
      block.type === 'tool_use' ? [{ id: block.id, name: block.name, input: block.input }] : [],
    ),
    end: anthropicEnds[end] ?? end,
    usage: {
      input: usage.input_tokens + cached + (usage.cache_creation_input_tokens ?? 0),
      cached,
      output: usage.output_tokens,
      reasoning: details?.thinking_tokens ?? null,
    },
    raw: content,
  }
}
