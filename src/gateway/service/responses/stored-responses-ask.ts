import { dataOf } from '#protocol/conversation/ask.ts'
import type { Json } from '#protocol/conversation/conversation.ts'
import type { StreamWriter } from '#protocol/conversation/dialect.ts'
import { spliceMembers } from '#protocol/json/bytes.ts'
import type { HouseMembers } from '#protocol/openai/responses/kept-stream.ts'
import { readRequest } from '#protocol/openai/responses/read-request.ts'
import type { ResponsesWriter } from '#protocol/openai/responses/stream-writer.ts'
import type { LaneAsk } from '../answering/lanes.ts'
import type { Prepared } from './stored-responses.ts'

/** What becomes of the answer to a request that the house keeps, or that rests on what it keeps. */
export interface Keeping {
  /** What an upstream's own answer must say otherwise. */
  readonly members: HouseMembers
  /** Given the Response that the caller gets, once it is whole. */
  readonly keep: (response: Json) => void
}

export interface PreparedAsk {
  readonly ask: LaneAsk
  /** null: the answer is nobody's but the caller's. It is also the only one that may be cached. */
  readonly keeping: Keeping | null
}

/** The request as it is asked in the end: with all that it rests on, which the egress policy judges, too. */
export function preparedAsk(ask: LaneAsk, prepared: Prepared, keep: (response: Json) => void): PreparedAsk {
  const { body, edits, members } = prepared
  if (Object.keys(edits).length === 0 && members === null) return { ask, keeping: null }
  const conversation = readRequest(body)
  return {
    ask: {
      ...ask,
      bytes: spliceMembers(ask.bytes, edits),
      body,
      data: dataOf(conversation, body),
      conversation: () => conversation,
    },
    keeping: members === null ? null : { members, keep },
  }
}

/** A writer that hands its Response over when it has written the last of it. */
export function keepingWriter(writer: ResponsesWriter, { keep }: Keeping): StreamWriter {
  const handedOver = (text: string): string => {
    if (writer.response !== null) keep(writer.response)
    return text
  }
  return {
    write: (delta) => writer.write(delta),
    end: () => handedOver(writer.end()),
    error: (error) => handedOver(writer.error(error)),
  }
}
