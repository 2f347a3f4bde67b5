import type { AppError } from '#kernel/errors.ts'
import type { ModelName } from '#kernel/ids.ts'
import type { Exchange } from '#passage/exchange.ts'
import type { Outcome } from '#kernel/words.ts'
import type { Deadlines, InferenceExit, Sent } from '#platform/egress/contract.ts'
import { spliceMembers } from '#protocol/openai/json-bytes.ts'
import type { Ask, Endpoint } from '#protocol/openai/ask.ts'
import type { Target } from '../core/choose.ts'
import { clientGone, egressDenied, noPlace, upstreamFailed } from '../errors.ts'
import type { Permit, Places, Waiting } from '../ports.ts'
import type { Interruptions } from './interruptions.ts'
import { isTargetsFault } from './upstream-status.ts'

export interface OpenOptions {
  readonly endpoint: Endpoint
  readonly ask: Ask
  readonly bytes: Uint8Array
  readonly signal: AbortSignal
  /** The request has to end for a reason of ours. */
  readonly isGivenUp: () => boolean
  readonly interruptions: Interruptions
  readonly waitMs: number
  readonly deadlines: Deadlines
  /** Called with what the request waits for, at once and whenever it changes; with null when the wait is over. */
  readonly onWait: (waiting: Waiting | null) => void
}

export type Opened =
  | {
      readonly ok: true
      readonly target: Target
      readonly answer: Sent & { readonly kind: 'answer' }
      readonly headers: Readonly<Record<string, string>>
    }
  | { readonly ok: false; readonly error: AppError }

export interface OpenPorts {
  readonly places: Places
  readonly inference: InferenceExit
}

/**
 * Asks the targets in their order until one answers: a place first (which may load a model), then the request itself.
 * The next one is asked only while nothing of an answer has come, and only when the fault lies with the target. The
 * permit belongs to the exchange: it goes back when that ends. Never rejects.
 */
export async function openTarget(
  ports: OpenPorts,
  exchange: Exchange,
  targets: readonly Target[],
  options: OpenOptions,
): Promise<Opened> {
  let failure: AppError | null = null
  for (const [index, target] of targets.entries()) {
    const isLast = index === targets.length - 1
    exchange.attempt(target.upstream, target.model)
    const placed = await place(ports.places, exchange, target, options)
    if (!placed.ok) {
      failure = placed.error
      if (options.signal.aborted || options.isGivenUp()) break
      continue
    }
    const { permit } = placed
    const sent = await send(ports.inference, exchange, { target, permit, options })
    if (sent.kind === 'answer' && !exchange.hasEnded && (isLast || !isTargetsFault(sent.status))) {
      exchange.hold((outcome) => permit.release(resultOf(outcome, sent.status)))
      return { ok: true, target, answer: sent, headers: { 'x-hearth-route': headerText(routeOf(target)) } }
    }
    const isOver = options.signal.aborted || options.isGivenUp()
    permit.release(isOver || sent.kind === 'denied' ? 'aborted' : 'failed')
    if (sent.kind === 'answer') sent.chunks().cancel()
    else failure = sent.kind === 'denied' ? egressDenied(sent.message) : upstreamFailed(sent)
    if (isOver) break
  }
  return { ok: false, error: failure ?? noPlace(exchange.model, { kind: 'gone' }) }
}

/** What an exchange tells of the target that answered: a refusal of the request itself tells nothing. */
function resultOf(outcome: Outcome, status: number): Parameters<Permit['release']>[0] {
  if (outcome === 'complete') return 'ok'
  return outcome === 'aborted' || (status >= 400 && !isTargetsFault(status)) ? 'aborted' : 'failed'
}

/** How a target is called in sentences. */
export const nameOf = (target: Target): string =>
  target.upstream === 'local' ? `The local model ${target.model}` : `The upstream ${target.upstream}`

const routeOf = (target: Target): string => `${target.upstream}/${target.model}`

/** Names may hold any letters and line ends; a header with them could not be sent, or would be two. */
const headerText = (text: string): string => (/^[\x20-\x7e]*$/.test(text) ? text : encodeURI(text.toWellFormed()))

interface Errand {
  readonly target: Target
  readonly permit: Permit
  readonly options: OpenOptions
}

async function send(inference: InferenceExit, exchange: Exchange, { target, permit, options }: Errand): Promise<Sent> {
  exchange.target()
  try {
    const { deadlines, signal, isGivenUp } = options
    const sent = await inference.send(destination(target, permit), outbound(target, permit, options), {
      deadlines,
      signal,
      isGivenUp,
    })
    if (sent.kind === 'denied') exchange.untarget()
    return sent
  } catch (fault) {
    permit.release('aborted')
    throw fault
  }
}

type Placed = { readonly ok: true; readonly permit: Permit } | { readonly ok: false; readonly error: AppError }

async function place(places: Places, exchange: Exchange, target: Target, options: OpenOptions): Promise<Placed> {
  const permit = places.tryAcquire({ deployment: target.deployment, key: exchange.caller.key })
  return permit ? { ok: true, permit } : wait(places, exchange, target, options)
}

async function wait(places: Places, exchange: Exchange, target: Target, options: OpenOptions): Promise<Placed> {
  const { signal, interruptions, waitMs, onWait: onProgress } = options
  onProgress({ state: 'queued', phase: 'queued', position: 0, etaSeconds: null })
  // Whoever hangs up leaves the line, and whose request ends for another reason (a revoked key) does too.
  const leave = new AbortController()
  const onAbort = (): void => leave.abort()
  signal.addEventListener('abort', onAbort, { once: true })
  exchange.hold(onAbort)
  using _ = interruptions.listen(exchange.caller, onAbort)
  const ticket = { deployment: target.deployment, key: exchange.caller.key }
  const acquired = await places.acquire({ ...ticket, waitMs, signal: leave.signal, onProgress })
  signal.removeEventListener('abort', onAbort)
  onProgress(null)
  if (acquired.kind !== 'permit') return { ok: false, error: noPlace(modelOf(exchange.model, target), acquired) }
  const { permit } = acquired
  if (!options.isGivenUp()) return { ok: true, permit }
  permit.release('aborted')
  return { ok: false, error: clientGone() }
}

const modelOf = (asked: ModelName, target: Target): string => (target.upstream === 'local' ? target.model : asked)

function destination(target: Target, permit: Permit) {
  return {
    name: target.upstream === 'local' ? target.model : target.upstream,
    baseUrl: target.baseUrl ?? permit.baseUrl,
    locality: target.locality,
  }
}

function outbound(target: Target, permit: Permit, { endpoint, ask, bytes }: OpenOptions) {
  const edits: Record<string, string> = {}
  // Set also where it is named twice: what was allowed is what is asked for, whichever one the other side takes.
  if (target.model !== ask.model || ask.isModelRepeated) edits.model = JSON.stringify(target.model)
  if (ask.isStream && !ask.wantsUsage) edits.stream_options = ask.usageOptions
  const isChanged = Object.keys(edits).length > 0
  return {
    method: 'POST' as const,
    path: `/${endpoint}`,
    headers: permit.token === null ? target.headers : { ...target.headers, authorization: `Bearer ${permit.token}` },
    body: isChanged ? spliceMembers(bytes, edits) : bytes,
    data: ask.data,
  }
}
