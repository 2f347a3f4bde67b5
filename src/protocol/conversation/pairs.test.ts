/**
 * Every dialect of callers with every dialect of upstreams: what is asked, what comes back, and in which order its
 * events come, as files that a person can read.
 */
import { describe, expect, test } from 'bun:test'
import { asGolden, expectGolden } from '../../../test/env/golden.ts'
import { messagesCaller } from '../anthropic/caller.ts'
import { messagesUpstream } from '../anthropic/upstream.ts'
import { ollamaChat } from '../ollama/caller.ts'
import { chatCaller } from '../openai/chat/caller.ts'
import { chatUpstream } from '../openai/chat/upstream.ts'
import { responsesCaller } from '../openai/responses/caller.ts'
import { responsesUpstream } from '../openai/responses/upstream.ts'
import type { Json } from './conversation.ts'
import type { AnswerFacts, CallerDialect, UpstreamDialect } from './dialect.ts'
import { answers, requests, type UpstreamName } from '../../../test/fakes/pair-material.ts'
import { TranslatedStream } from './translated-stream.ts'

const callers: Readonly<Record<string, CallerDialect>> = {
  chat: chatCaller,
  responses: responsesCaller,
  messages: messagesCaller,
  ollama: ollamaChat,
}
const upstreams: Readonly<Record<UpstreamName, UpstreamDialect>> = {
  chat: chatUpstream,
  responses: responsesUpstream,
  messages: messagesUpstream,
}
const encoder = new TextEncoder()
const decoder = new TextDecoder()

function factsOf(caller: CallerDialect, body: Json): AnswerFacts {
  let ids = 0
  return {
    conversation: caller.readRequest(body),
    newId: (prefix) => `${prefix}${++ids}`,
    createdAt: 1_800_000_000,
    elapsedMs: () => 1500,
    wantsUsage: true,
  }
}

/** Responses knows no stop sequences, and says so. */
function withoutStops({ stop: _, stop_sequences: __, options, ...rest }: Json): Json {
  if (options === undefined) return rest
  const { stop: ___, ...others } = options as Json
  return { ...rest, options: others }
}

const pairs = Object.keys(callers).flatMap((from) =>
  (Object.keys(upstreams) as UpstreamName[]).map((to) => [from, to] as const),
)

test.each(['chat', 'messages', 'ollama'])('stop sequences of %s are refused where nobody could keep them', (from) => {
  const conversation = (callers[from] as CallerDialect).readRequest(requests[from] as Json)
  expect(() => responsesUpstream.writeRequest(conversation, 'model-there')).toThrow(/stop/)
})

describe.each(pairs)('%s to %s', (from, to) => {
  const caller = callers[from] as CallerDialect
  const upstream = upstreams[to]
  const asked = requests[from] as Json
  const body = to === 'responses' ? withoutStops(asked) : asked
  const file = (what: string): string => `${import.meta.dir}/golden/${from}-to-${to}.${what}`

  test('a request is asked so', async () => {
    await expectGolden(file('request.json'), asGolden(upstream.writeRequest(caller.readRequest(body), 'model-there')))
  })

  test('a whole answer is given so', async () => {
    const reply = upstream.readAnswer(JSON.parse(answers[to].whole) as Json)
    if (reply === null) throw new Error(`the answer of ${to} is none`)
    await expectGolden(file('answer.json'), asGolden(caller.writeAnswer(reply, factsOf(caller, body))))
  })

  test('a stream is given so', async () => {
    const reader = upstream.createReader()
    const stream = new TranslatedStream({
      reader,
      writer: caller.createWriter(factsOf(caller, body)),
      splitThink: false,
    })
    const { bytes } = stream.pass(encoder.encode(answers[to].stream))
    await expectGolden(file('stream.txt'), decoder.decode(bytes) + stream.end())
  })
})
