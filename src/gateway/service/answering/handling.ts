import { AppError } from '#kernel/errors.ts'
import type { Usage } from '#kernel/words.ts'
import type { Outbound } from '#platform/egress/contract.ts'
import type { Carrier } from '#protocol/conversation/carrier.ts'
import type { Json, Reply } from '#protocol/conversation/conversation.ts'
import type { AnswerFacts, Api, UpstreamDialect } from '#protocol/conversation/dialect.ts'
import { lacksItsThought, mendedHistory } from '#protocol/anthropic/mended-history.ts'
import { messagesUpstream } from '#protocol/anthropic/upstream.ts'
import { SameStream } from '#protocol/conversation/same-stream.ts'
import { TranslatedStream } from '#protocol/conversation/translated-stream.ts'
import { spliceMembers } from '#protocol/json/bytes.ts'
import { parsedObject } from '#protocol/json/members.ts'
import { boundName } from '#protocol/openai/chat/write-request.ts'
import { chatUpstream, vendorChatUpstream } from '#protocol/openai/chat/upstream.ts'
import { responsesCaller } from '#protocol/openai/responses/caller.ts'
import { asHouse, KeptStream } from '#protocol/openai/responses/kept-stream.ts'
import { mendedInput } from '#protocol/openai/responses/mended-input.ts'
import { responsesUpstream } from '#protocol/openai/responses/upstream.ts'
import { withoutThought } from '#protocol/conversation/without-thought.ts'
import { StreamWatch } from '#protocol/openai/stream-watch.ts'
import { readWholeAnswer } from '#protocol/openai/whole-answer.ts'
import type { Target } from '../../core/choose.ts'
import type { Permit } from '../../ports.ts'
import { authorized } from '../asking/addressing.ts'
import type { Lane, LaneAsk } from './lanes.ts'
import { keepingWriter, type Keeping } from '../responses/stored-responses-ask.ts'

/** How one request is told to one target, and how its answer becomes the caller's. */
export interface Handling {
  /** Who is asked speaks the caller's dialect: what it says of the request is for the caller as it is written. */
  readonly passesRefusals: boolean
  outbound(permit: Permit): Outbound
  whole(bytes: Uint8Array): Whole
  carrier(): Carrier
}

export type Whole =
  | {
      readonly kind: 'answer'
      /** null: the bytes pass as they came. */
      readonly body: string | null
      /** The answer for whom it is kept; not there: for nobody. */
      readonly response?: Json
      readonly usage: Usage
      /** It says that it is whole. */
      readonly isTerminal: boolean
      readonly isEmpty: boolean
    }
  | { readonly kind: 'malformed'; readonly message: string }

export interface HandlingOptions {
  readonly lane: Lane
  readonly ask: LaneAsk
  readonly keeping: Keeping | null
  /** The answer must not be longer, and the caller does not say so; null = as long as it likes. */
  readonly longest: number | null
  readonly target: Target
  readonly facts: () => AnswerFacts
  /** Headers that go along beside those of the target. */
  readonly forwarded: Readonly<Record<string, string>>
}

const upstreamDialects: Readonly<Record<Api, UpstreamDialect>> = {
  chat: chatUpstream,
  responses: responsesUpstream,
  messages: messagesUpstream,
}

/** As it is where the target takes it so, translated where it does not. */
export function handlingOf(options: HandlingOptions): Handling {
  const { lane, target } = options
  if (lane.api === 'any' || (lane.api !== null && target.apis.includes(lane.api))) return same(options)
  const [api] = target.apis
  if (lane.caller === null || api === undefined) throw untranslatable(options)
  return translated(options, api === 'chat' && isVendor(target) ? vendorChatUpstream : upstreamDialects[api])
}

/** Vendors refuse members that engines look for. Nobody runs an engine in the house behind https without saying so. */
function isVendor({ locality, baseUrl }: Target): boolean {
  return locality === 'cloud' || (locality === null && baseUrl !== null && baseUrl.startsWith('https:'))
}

function same(options: HandlingOptions): Handling {
  const { lane, ask, keeping, target } = options
  const dialect = lane.passing !== null || lane.api === null || lane.api === 'any' ? null : upstreamDialects[lane.api]
  return {
    passesRefusals: lane.reshape === null && mayRefuseInItsWords(options),
    outbound(permit) {
      const edits: Record<string, string> = {}
      // Set also where it is named twice: what was allowed is what is asked for, whichever one the other side takes.
      if (target.model !== ask.model || ask.isModelRepeated) edits['model'] = JSON.stringify(target.model)
      if (lane.passing !== null && ask.isStream) askForUsage(options, edits)
      mendThoughts(options, edits)
      bindLength(options, edits)
      const isChanged = Object.keys(edits).length > 0
      const body = isChanged ? spliceMembers(ask.bytes, edits) : ask.bytes
      return post(options, permit, { path: lane.path, body })
    },
    whole(bytes) {
      if (dialect !== null && keeping !== null)
        return wholeOf(dialect, bytes, () => asHouse(objectIn(bytes) ?? {}, keeping.members))
      if (dialect !== null) return wholeOf(dialect, bytes, () => null)
      const read = readWholeAnswer(lane.passing ?? 'chat/completions', bytes, target.splitThink)
      if (read.kind === 'malformed') return read
      return { ...read, body: reshaped(options, bytes) ?? read.replaced }
    },
    carrier() {
      const { breakOff, stream } = lane
      const { choices, wantsUsage } = ask
      const { splitThink } = target
      if (keeping !== null) return new KeptStream({ ...keeping, breakOff })
      if (dialect !== null) return new SameStream({ ...stream, reader: dialect.createReader(), breakOff })
      return new StreamWatch({ choices, stripUsage: !wantsUsage, splitThink, breakOff })
    },
  }
}

const encoder = new TextEncoder()

function translated(options: HandlingOptions, dialect: UpstreamDialect): Handling {
  const { lane, ask, keeping, target } = options
  const { caller } = lane
  if (caller === null) throw untranslatable(options)
  return {
    passesRefusals: false,
    outbound(permit) {
      const asked = ask.conversation()
      const conversation = options.longest === null ? asked : { ...asked, maxTokens: options.longest }
      if (conversation.untranslatable !== undefined) throw conversation.untranslatable
      const written = dialect.writeRequest(conversation, target.model)
      const request = target.refusesStreamOptions === true ? withoutStreamOptions(written) : written
      return post(options, permit, { path: dialect.path, body: encoder.encode(JSON.stringify(request)) })
    },
    whole: (bytes) =>
      wholeOf(dialect, bytes, (reply) =>
        caller.writeAnswer(target.splitThink ? withoutThought(reply) : reply, options.facts()),
      ),
    carrier: () => {
      const facts = options.facts()
      return new TranslatedStream({
        reader: dialect.createReader(),
        writer:
          keeping === null ? caller.createWriter(facts) : keepingWriter(responsesCaller.createWriter(facts), keeping),
        splitThink: target.splitThink,
      })
    },
  }
}

/** Endpoints that each may have are OpenAI's; who speaks Messages alone refuses in words their clients do not read. */
const mayRefuseInItsWords = ({ lane, target }: HandlingOptions): boolean =>
  lane.api !== 'any' || target.apis.some((api) => api !== 'messages')

/** Who refuses the question tells its usage anyway. */
function askForUsage({ ask, target }: HandlingOptions, edits: Record<string, string>): void {
  if (target.refusesStreamOptions === true) {
    if (ask.body['stream_options'] !== undefined) edits['stream_options'] = 'null'
  } else if (!ask.wantsUsage) edits['stream_options'] = ask.usageOptions
}

const withoutStreamOptions = ({ stream_options: _, ...rest }: Json): Json => rest

/** What a model of another kind left in the conversation, and this one would refuse. */
function mendThoughts({ lane, ask, target }: HandlingOptions, edits: Record<string, string>): void {
  if (lane.api === 'messages') {
    const { messages } = ask.body
    const history = mendedHistory(messages, target.model)
    if (history !== null) edits['messages'] = JSON.stringify(history)
    if (lacksItsThought(ask.body, history ?? messages, target.model)) edits['thinking'] = '{"type":"disabled"}'
  } else if (lane.api === 'responses') {
    const input = mendedInput(ask.body['input'], isVendor(target))
    if (input !== null) edits['input'] = JSON.stringify(input)
  }
}

/** Where the caller writes a bound that is none (`null`, `-1`), it is that member which gets one. */
function bindLength({ lane, ask, longest, target }: HandlingOptions, edits: Record<string, string>): void {
  if (longest === null) return
  const bound = String(longest)
  if (lane.api === 'responses') edits['max_output_tokens'] = bound
  else if (lane.passing === 'completions') edits['max_tokens'] = bound
  else if (lane.passing === 'chat/completions') {
    const written = ['max_completion_tokens', 'max_tokens'].filter((name) => name in ask.body)
    const names = written.length > 0 ? written : [boundName(target.model, isVendor(target) ? 'vendor' : 'engine')]
    for (const name of names) edits[name] = bound
  }
}

function post(
  { ask, target, forwarded }: HandlingOptions,
  permit: Permit,
  what: { readonly path: string; readonly body: Uint8Array },
): Outbound {
  const own = authorized(target, permit)
  const headers = forwarded !== noHeaders ? { ...own, ...forwarded } : own
  return { method: 'POST', path: what.path + target.query, headers, body: what.body, data: ask.data }
}

export const noHeaders: Readonly<Record<string, string>> = {}

const decoder = new TextDecoder()

function wholeOf(dialect: UpstreamDialect, bytes: Uint8Array, write: (reply: Reply) => Json | null): Whole {
  const body = objectIn(bytes)
  if (body === null) return { kind: 'malformed', message: 'its answer is not a JSON object' }
  const reply = dialect.readAnswer(body)
  if (reply === null) return { kind: 'malformed', message: `its answer is none of the ${dialect.name} dialect` }
  const isEmpty = !reply.parts.some(
    (part) => part.kind === 'tool_call' || part.kind === 'reasoning' || part.text !== '',
  )
  const response = write(reply)
  const answer = { kind: 'answer', usage: reply.usage, isTerminal: reply.finish !== null, isEmpty } as const
  return response === null ? { ...answer, body: null } : { ...answer, body: JSON.stringify(response), response }
}

/** The answer of an endpoint in other words, in these words. */
function reshaped({ lane, ask, facts }: HandlingOptions, bytes: Uint8Array): string | null {
  if (lane.reshape === null || ask.asked === null) return null
  return JSON.stringify(lane.reshape.answer(objectIn(bytes) ?? {}, ask.asked, facts()))
}

const objectIn = (bytes: Uint8Array): Json | null => parsedObject(decoder.decode(bytes))

function untranslatable({ lane, target }: HandlingOptions): AppError {
  return new AppError('invalid', `"${target.model}" cannot be asked for ${lane.endpoint}.`, {
    reason: 'unsupported_endpoint',
    param: 'model',
  })
}
