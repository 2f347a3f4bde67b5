import { AppError } from '#kernel/errors.ts'
import type { MonoMs } from '#kernel/time.ts'
import type { Outcome } from '#kernel/words.ts'
import type { Exchange } from '#passage/exchange.ts'
import type { Deadlines, InferenceExit, Origin, Outbound } from '#platform/egress/contract.ts'
import type { Route, Target } from '../../core/choose.ts'
import { consequences } from '../../core/failures.ts'
import type { Failure, Itinerary } from '../../core/itinerary.ts'
import { clientGone, egressDenied, impasse, noPlace, upstreamFailed } from '../../errors.ts'
import type { Permit, Places, Ticket, Waiting } from '../../ports.ts'
import { destinationOf, headerText } from './addressing.ts'
import { failureClasses, missed, type Answered, type Received } from './received.ts'
import { leavingOf, type Leaving } from './leaving.ts'
import type { Interruptions } from './interruptions.ts'
import type { Refusal } from './upstream-status.ts'
import type { AttemptResult } from '../health/vital.ts'
import type { Vitals } from '../health/vitals.ts'

/** What a request wants of the target that will answer it. */
export interface Errand<Taken> {
  readonly itinerary: Itinerary
  readonly signal: AbortSignal
  /** It has to end for a reason of its own; beside it whatever interrupts requests does. */
  readonly isGivenUp?: () => boolean
  /** What kind of work it is, for places that are shared by kind; not said = text. */
  readonly work?: NonNullable<Ticket['work']>
  /** What keeps it together with others, as far as the caller says it. */
  readonly session: () => string | null
  /** The longest wait for a place. */
  readonly waitMs: number
  readonly deadlines: Deadlines
  /** Called with what the request waits for, at once and whenever it changes; with null when the wait is over. */
  readonly onWait?: (waiting: Waiting | null) => void
  /** The request as this target takes it. Throws AppError `invalid` for what it cannot be told. */
  outbound(target: Target, permit: Permit): Outbound
  /** Reads as much of an answer as decides whether it is one. Never rejects. */
  receive(answer: Answered, target: Target, permit: Permit): Promise<Received<Taken>>
}

export type Opened<Taken> =
  | {
      readonly ok: true
      readonly target: Target
      readonly value: Taken
      readonly headers: Readonly<Record<string, string>>
    }
  | { readonly ok: false; readonly refusal: Refusal; readonly headers: Readonly<Record<string, string>> }

export interface OpenPorts {
  readonly places: Places
  readonly inference: InferenceExit
  readonly vitals: Vitals
  readonly interruptions: Interruptions
  readonly clock: { mono(): MonoMs }
}

/**
 * Asks one target after the other, as the itinerary says, until one answers: a place first (which may load a model),
 * then the request itself, then as much of the answer as shows that it is one. Nothing has been handed to the caller
 * before that, so that the next target can be asked. The permit belongs to the exchange: it goes back when that ends.
 */
export async function openTarget<Taken>(
  ports: OpenPorts,
  exchange: Exchange,
  route: Route,
  errand: Errand<Taken>,
): Promise<Opened<Taken>> {
  const { itinerary } = errand
  const way = wayOf(ports, exchange, route, errand)
  let last: Missed<Taken> | null = null
  let spare: { readonly target: Target; readonly value: Taken; readonly why: string } | null = null
  for (let stop = itinerary.first(); stop !== null;) {
    if (stop.waitMs > 0) await pause(stop.waitMs, way)
    const { target, why } = stop
    const tried = isOver(way) ? gone : await attempt(way, target)
    if (tried.kind === 'taken') {
      exchange.route = why
      return { ok: true, target, value: tried.value, headers: routeHeaders(target, why) }
    }
    last = tried
    if ('spare' in tried && tried.spare !== undefined) spare = { target, value: tried.spare, why }
    if (tried.failure === null || isOver(way)) break
    stop = itinerary.next(tried.failure)
  }
  if (spare !== null && last?.failure) {
    const { target, why } = spare
    exchange.route = why
    exchange.answeredBy(target.upstream, target.model)
    return { ok: true, target, value: spare.value, headers: routeHeaders(target, why) }
  }
  const refusal = last?.refusal ?? { error: impasse(exchange.model, itinerary.impasse) }
  return { ok: false, refusal, headers: {} }
}

/** One request on its way along its itinerary. */
interface Way<Taken> {
  readonly ports: OpenPorts
  readonly exchange: Exchange
  readonly route: Route
  readonly errand: Errand<Taken>
  /** Nobody wants an answer any more, for a reason of ours. */
  readonly isGivenUp: () => boolean
}

function wayOf<Taken>(ports: OpenPorts, exchange: Exchange, route: Route, errand: Errand<Taken>): Way<Taken> {
  const isGivenUp = (): boolean =>
    exchange.hasEnded || ports.interruptions.of(exchange.caller) !== null || errand.isGivenUp?.() === true
  return { ports, exchange, route, errand, isGivenUp }
}

const isOver = ({ errand, isGivenUp }: Way<unknown>): boolean => errand.signal.aborted || isGivenUp()

interface Missed<Taken> {
  /** null: nobody else is asked. */
  readonly failure: Failure | null
  readonly refusal: Refusal
  readonly spare?: Taken
}

type Turned = { readonly kind: 'missed' } & Missed<never>
type Tried<Taken> = { readonly kind: 'taken'; readonly value: Taken } | ({ readonly kind: 'missed' } & Missed<Taken>)

const gone: Turned = { kind: 'missed', failure: null, refusal: { error: clientGone() } }

async function attempt<Taken>(way: Way<Taken>, target: Target): Promise<Tried<Taken>> {
  const { ports, exchange } = way
  const { vitals, clock, places } = ports
  exchange.attempt(target.upstream, target.model)
  vitals.began(target)
  let permit: Permit | null = null
  const give = (result: AttemptResult, failure: Failure | null = null): void => {
    permit?.release(result)
    vitals.ended(target, result, failure)
  }
  try {
    const placed = places.tryAcquire(ticketOf(way, target)) ?? (await wait(way, target))
    if (!('release' in placed)) {
      exchange.missed(placed.failure?.kind ?? 'client_gone')
      give('aborted', placed.failure)
      return placed
    }
    permit = placed
    const askedAt = clock.mono()
    const tried = await ask(way, target, permit)
    if (tried.kind === 'taken') {
      vitals.answered(target, clock.mono() - askedAt)
      exchange.hold((outcome) => give(resultOf(outcome)))
      return tried
    }
    const { failure } = tried
    exchange.missed(failure?.kind ?? 'request')
    const tellsNothing = failure === null || isOver(way) || !consequences[failure.kind].isUnwell
    give(tellsNothing ? 'aborted' : 'failed', failure)
    return tried
  } catch (fault) {
    exchange.missed(fault instanceof AppError ? 'request' : 'internal')
    give('aborted')
    throw fault
  }
}

const ticketOf = ({ exchange, errand }: Way<unknown>, target: Target): Ticket => ({
  deployment: target.deployment,
  key: exchange.caller.key,
  weight: exchange.caller.limits.weight ?? 1,
  priority: exchange.priority,
  work: errand.work ?? 'text',
})

async function ask<Taken>(way: Way<Taken>, target: Target, permit: Permit): Promise<Tried<Taken>> {
  const { ports, exchange, route, errand, isGivenUp } = way
  const { signal } = errand
  const what = { ...errand.outbound(target, permit), origin: originOf(way) }
  exchange.target()
  const deadlines = route.deadlines === null ? errand.deadlines : { ...errand.deadlines, ...route.deadlines }
  const sent = await ports.inference.send(destinationOf(target, permit), what, { deadlines, signal, isGivenUp })
  if (sent.kind === 'denied') {
    exchange.untarget()
    return missed('denied', egressDenied(sent.message))
  }
  if (sent.kind === 'withheld') {
    exchange.untarget()
    return { kind: 'missed', failure: null, refusal: { error: sent.error } }
  }
  if (sent.kind === 'failed') return missed(failureClasses[sent.reason], upstreamFailed(sent))
  if (exchange.hasEnded) {
    sent.chunks().cancel()
    return gone
  }
  exchange.head(sent.status)
  const received = await errand.receive(sent, target, permit)
  if (received.kind === 'refused') return { kind: 'missed', failure: null, refusal: received.refusal }
  if (received.kind === 'taken' && exchange.hasEnded) sent.chunks().cancel()
  return received
}

/** Whose request it is, for whoever hides what must not leave. */
const originOf = ({ exchange, errand }: Way<unknown>): Origin => ({
  key: exchange.caller.key,
  request: exchange.id,
  get session() {
    return errand.session()
  },
  onPrivacy: (note) => exchange.hidden(note),
})

/** What an exchange tells of the target that answered. */
function resultOf(outcome: Outcome): AttemptResult {
  if (outcome === 'complete') return 'ok'
  return outcome === 'aborted' ? 'aborted' : 'failed'
}

function routeHeaders(target: Target, why: string): Readonly<Record<string, string>> {
  return { 'x-hearth-route': headerText(`${target.upstream}/${target.model}; ${why}`) }
}

async function wait(way: Way<unknown>, target: Target): Promise<Permit | Turned> {
  const { ports, exchange, errand } = way
  const { waitMs, onWait: onProgress } = errand
  onProgress?.({ state: 'queued', phase: 'queued', position: 0, etaSeconds: null })
  using leaving = leavingFrom(way)
  const acquired = await ports.places.acquire({
    ...ticketOf(way, target),
    waitMs,
    signal: leaving.signal,
    ...(onProgress ? { onProgress } : {}),
  })
  onProgress?.(null)
  if (acquired.kind !== 'permit') {
    const name = target.upstream === 'local' ? target.model : exchange.model
    const error = noPlace(name, acquired)
    Object.assign(exchange.headers, queueHeaders('waiting' in acquired ? (acquired.waiting ?? null) : null))
    return acquired.kind === 'gone' ? gone : missed('no_place', error)
  }
  if (!isOver(way)) return acquired.permit
  acquired.permit.release('aborted')
  return gone
}

/** Where a request stood that got no place, and how long it would have had to wait. */
function queueHeaders(waiting: Waiting | null): Readonly<Record<string, string>> {
  if (waiting === null) return {}
  const { position, etaSeconds } = waiting
  const eta: Record<string, string> = etaSeconds === null ? {} : { 'x-hearth-queue-eta': String(Math.ceil(etaSeconds)) }
  return { 'x-hearth-queue-position': String(position), ...eta }
}

const leavingFrom = ({ ports, exchange, errand }: Way<unknown>): Leaving =>
  leavingOf(exchange, { signal: errand.signal, interruptions: ports.interruptions })

/** A wait before the next attempt, which whoever leaves ends. */
async function pause(ms: number, way: Way<unknown>): Promise<void> {
  using leaving = leavingFrom(way)
  const over = Promise.withResolvers<void>()
  const timer = setTimeout(over.resolve, ms)
  leaving.signal.addEventListener('abort', () => over.resolve(), { once: true })
  if (leaving.signal.aborted) over.resolve()
  await over.promise
  clearTimeout(timer)
}
