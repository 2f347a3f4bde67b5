import { keyId } from '#kernel/ids.ts'
import type { MonoMs } from '#kernel/time.ts'
import { addressKind, isLiteralAddress } from '#platform/egress/addresses.ts'
import type { InferenceExit, Sent } from '#platform/egress/contract.ts'
import type { Task } from '#platform/tasks/task.ts'
import type { Api } from '#protocol/conversation/dialect.ts'
import type { Target } from '../../core/choose.ts'
import { classOf } from '../../core/failures.ts'
import type { Failure } from '../../core/itinerary.ts'
import type { Places } from '../../ports.ts'
import { destinationOf } from '../asking/addressing.ts'
import { failureClasses } from '../asking/received.ts'
import { maxErrorBytes } from '../asking/upstream-status.ts'
import type { Vitals } from './vitals.ts'

export interface ProbePorts {
  readonly inference: InferenceExit
  readonly places: Places
  readonly vitals: Vitals
  readonly clock: { mono(): MonoMs }
}

/** How soon it is noticed that a breaker's time has passed. */
const everyMs = 1000
const deadlines = { firstByteMs: 20_000, idleMs: 5000, totalMs: 20_000 }
const maxAnswerBytes = 2 ** 20

const prober = keyId('hearth-probe')
const encoder = new TextEncoder()

/**
 * Tries upstreams of the house whose breaker is half open with a real answer of one token, so that no request has to:
 * `/health` says yes while every answer hangs. Nobody else's upstreams are tried: there a probe costs money, and a real
 * request tries them. A probe takes the place of the one request that a half-open breaker lets through.
 */
export function createProbeTask(ports: ProbePorts): Task {
  return {
    name: 'gateway-probes',
    everyMs,
    async activate(signal) {
      const due = [...ports.vitals.all()].filter((vital) => vital.isProbed && vital.wantsProbe)
      await Promise.all(due.map(({ target }) => probe(ports, target, signal)))
      return due.length > 0 ? `tried ${due.map(({ target }) => target.key).join(', ')}` : null
    },
  }
}

/** Whether it may be asked without anybody having asked: it stands in the house, and no model is loaded for it. */
export function isProbed({ upstream, locality, baseUrl }: Target): boolean {
  if (upstream === 'local' || baseUrl === null || locality === 'cloud') return false
  return locality !== null || isHouseAddress(new URL(baseUrl).hostname)
}

function isHouseAddress(hostname: string): boolean {
  if (hostname === 'localhost') return true
  if (!isLiteralAddress(hostname)) return false
  const kind = addressKind(hostname)
  return kind === 'host' || kind === 'lan'
}

async function probe({ inference, places, vitals, clock }: ProbePorts, target: Target, signal: AbortSignal) {
  // Whoever has all its places taken is at work, and will tell.
  const permit = places.tryAcquire({ deployment: target.deployment, key: prober })
  if (permit === null) return
  vitals.began(target)
  const startedAt = clock.mono()
  const [api = 'chat'] = target.apis
  const { path, body } = questions[api](target.model)
  const what = {
    method: 'POST',
    path: path + target.query,
    headers: target.headers,
    body: encoder.encode(JSON.stringify(body)),
    data: ['metadata'],
  } as const
  const sent = await inference.send(destinationOf(target, permit), what, { deadlines, signal })
  const failure = await failureOf(sent)
  permit.release('aborted')
  if (signal.aborted || failure === 'refused') return vitals.ended(target, 'aborted')
  if (failure !== null) return vitals.ended(target, failure.kind === 'busy' ? 'aborted' : 'failed', failure)
  vitals.answered(target, clock.mono() - startedAt)
  vitals.ended(target, 'ok')
}

/** null: it lives. `refused`: the door did not let the probe out, which tells nothing. */
async function failureOf(sent: Sent): Promise<Failure | 'refused' | null> {
  if (sent.kind === 'denied' || sent.kind === 'withheld') return 'refused'
  const failed = (kind: Failure['kind']): Failure => ({ kind, retryAfterMs: null })
  if (sent.kind === 'failed') return failed(failureClasses[sent.reason])
  const read = await sent.bytes(sent.status < 300 ? maxAnswerBytes : maxErrorBytes)
  if (read.kind === 'broken') return failed('broken')
  if (sent.status < 300) return isJson(read.bytes) ? null : failed('malformed')
  const kind = classOf(sent.status, read.bytes)
  // A refusal of the question itself is an answer: a model that only embeds lives as well.
  if (kind === null || kind === 'context_length' || kind === 'content_filter') return null
  return failed(kind === 'rate_limited' ? 'busy' : kind)
}

function isJson(bytes: Uint8Array): boolean {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return typeof value === 'object' && value !== null
  } catch {
    return false
  }
}

interface Question {
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}

const messages = [{ role: 'user', content: 'Hi' }]

const questions: Readonly<Record<Api, (model: string) => Question>> = {
  chat: (model) => ({ path: '/chat/completions', body: { model, messages, max_tokens: 1 } }),
  messages: (model) => ({ path: '/messages', body: { model, messages, max_tokens: 1 } }),
  // The least that OpenAI takes.
  responses: (model) => ({ path: '/responses', body: { model, input: 'Hi', max_output_tokens: 16, store: false } }),
}
