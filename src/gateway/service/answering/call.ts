import type { Exchange } from '#passage/exchange.ts'
import { newWireId } from '#platform/crypto/ids.ts'
import { chance } from '#platform/crypto/random.ts'
import type { Conversation } from '#protocol/conversation/conversation.ts'
import type { AnswerFacts } from '#protocol/conversation/dialect.ts'
import { longestOf } from '../../core/bounds.ts'
import type { Route, Target } from '../../core/choose.ts'
import { createItinerary } from '../../core/routing.ts'
import type { Question } from '../../core/itinerary.ts'
import { promptTokensOf } from '../../core/prompt-tokens.ts'
import { sessionOf } from '../../core/session.ts'
import type { Permit, Waiting } from '../../ports.ts'
import type { AnswerLimits, AnswerPorts } from '../asking/answer-ports.ts'
import { forwardedTo } from './forwarded.ts'
import { handlingOf, type Handling } from './handling.ts'
import type { Lane, LaneAsk } from './lanes.ts'
import { openTarget, type Opened } from '../asking/open-target.ts'
import { compressed, refusedBy, type Answered, type Received, type Turned } from '../asking/received.ts'
import type { Keeping } from '../responses/stored-responses-ask.ts'
import type { Witness } from '../asking/witness.ts'

/** A request that is understood and allowed, on its way to whoever answers it. */
export interface Call {
  readonly ports: AnswerPorts
  readonly exchange: Exchange
  readonly lane: Lane
  readonly route: Route
  readonly ask: LaneAsk
  /** What becomes of the answer beside reaching the caller; null = nothing. */
  readonly keeping: Keeping | null
  readonly promptTokens: number
  /** So long may each answer be where the caller says nothing of it; null = as long as it likes. */
  readonly longest: number | null
  readonly request: Request
  readonly signal: AbortSignal
  readonly limits: AnswerLimits
  /** Told of everything the caller gets; null = nobody wants to know. */
  readonly witness: Witness | null
}

/** Asks the targets of the route in turn. `receive` sees only answers below 300 that can be read. */
export function openFor<Taken>(
  call: Call,
  receive: (
    answer: Answered,
    at: { readonly target: Target; readonly handling: Handling; readonly permit: Permit },
  ) => Promise<Received<Taken>>,
  onWait?: (waiting: Waiting | null) => void,
): Promise<Opened<Taken>> {
  const { ports, exchange, lane, route, ask, keeping, longest, signal, limits } = call
  let handling: Handling | null = null
  return openTarget(ports, exchange, route, {
    itinerary: createItinerary(route, questionOf(call), ports.vitals, chance),
    signal,
    session: () => sessionOf(call.request.headers, {}),
    waitMs: ask.isStream ? limits.deadlines.totalMs : limits.loadWaitMs,
    deadlines: limits.deadlines,
    ...(onWait ? { onWait } : {}),
    outbound(target, permit) {
      handling = handlingOf({
        lane,
        ask,
        keeping,
        longest: longest === null ? null : Math.min(longest, longestOf(target) ?? longest),
        target,
        facts: () => factsOf(call),
        forwarded: forwardedTo(target, call),
      })
      return handling.outbound(permit)
    },
    async receive(answer, target, permit) {
      if (handling === null) throw new Error('an answer to nothing')
      if (answer.status >= 300) return turnedAway(answer, target, handling)
      const unreadable = compressed(answer, target)
      if (unreadable !== null) return unreadable
      return receive(answer, { target, handling, permit })
    },
  })
}

/** As it is written only for whoever speaks the dialect in which it is. */
async function turnedAway(answer: Answered, target: Target, { passesRefusals }: Handling): Promise<Turned> {
  const turned = await refusedBy(answer, target)
  return passesRefusals ? turned : { ...turned, refusal: { error: turned.refusal.error } }
}

export function factsOf({ ports, exchange, ask }: Call): AnswerFacts {
  let conversation: Conversation | null = null
  return {
    // Read when it is asked for: what is only reshaped has none.
    get conversation() {
      return (conversation ??= ask.conversation())
    },
    newId: newWireId,
    createdAt: Math.floor(ports.clock.now() / 1000),
    elapsedMs: () => exchange.elapsedMs,
    wantsUsage: ask.wantsUsage,
  }
}

/** The head of a conversation decides what a model's cache may hold; more of it is not looked at. */
const prefixBytes = 32 * 1024

const decoder = new TextDecoder()

/** What few routes want to know is read when they do. */
function questionOf({ exchange, ask, request }: Call): Question {
  let tokens: number | null = null
  return {
    key: exchange.caller.key,
    get session() {
      return sessionOf(request.headers, ask.body)
    },
    get promptTokens() {
      return (tokens ??= promptTokensOf(ask.body))
    },
    maxTokens: ask.maxTokens,
    prefix: () => decoder.decode(ask.bytes.subarray(0, prefixBytes)),
  }
}
