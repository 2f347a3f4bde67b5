import { AppError } from '#kernel/errors.ts'
import { keyId, type RequestId } from '#kernel/ids.ts'
import type { Clock } from '#kernel/time.ts'
import type { Destination, InferenceExit, Sent } from '#platform/egress/contract.ts'
import type { LeakReport, LeakSurvivor } from '#protocol/admin/privacy.ts'
import type { ListEntry, PrivacyPolicy, Vault } from '../contract.ts'
import { asEchoed, echoedText } from '../core/canaries/echo.ts'
import { findLeaks } from '../core/leak/gate.ts'
import { createNeedles } from '../core/leak/needles.ts'
import { policyVersion } from './desk.ts'
import { planned, type LeakCase } from './leak-cases.ts'

/** A request as its bytes arrived somewhere. */
export interface CapturedRequest {
  /** Path and query, as they were sent. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** An upstream of the house's own, on this machine: keeps what it gets, and says it back. */
export interface CaptiveUpstream extends AsyncDisposable {
  readonly baseUrl: string
  /** What has come since it was asked last. */
  take(): readonly CapturedRequest[]
}

export interface LeakTestParts {
  /** The very guard that requests for models go through. */
  readonly exit: InferenceExit
  readonly listen: () => CaptiveUpstream
  /** The policy that a cloud has which names none. */
  readonly policy: () => PrivacyPolicy
  /** People and things that the house knows. */
  readonly directory: () => readonly ListEntry[]
  readonly vault: Pick<Vault, 'list' | 'shred'>
  readonly newSeed: () => number
  readonly newRequestId: () => RequestId
  /** What makes the report the house's own. */
  readonly sign: (text: string) => string
  /** Told a few times a second how many cases are through. */
  readonly progress?: (far: { readonly done: number; readonly cases: number }) => void
  readonly clock: Clock
}

/** Whose the values of a test are: nobody's whose key could ask for them. */
export const leakTestOwner = keyId('leak-test')
const destinationName = 'leak-test'
/** Cases whose values share a scope, as those of one conversation do. */
const casesPerScope = 50
const caseMs = 60_000
const answerBytes = 16 * 2 ** 20
/** How long requests of others wait for a case at the most, beside what the guard itself takes. */
const sliceMs = 8
const progressMs = 250
const scopesAtOnce = 500

/**
 * The proof that the product carries with it: values that nobody has, in every field of every dialect, written in every
 * way, go through the guard to a cloud that is held captive, and none of them may stand in the bytes that arrive there.
 */
export class LeakTest {
  readonly #parts: LeakTestParts
  #isRunning = false

  constructor(parts: LeakTestParts) {
    this.#parts = parts
  }

  /** One at a time: rejects `busy` (`leak_test_running`). `seed: null` = a new one. */
  async run(ask: {
    readonly cases: number
    readonly seed: number | null
    readonly signal: AbortSignal
  }): Promise<LeakReport> {
    if (this.#isRunning)
      throw new AppError('busy', 'A leak test is running; wait for its report.', { reason: 'leak_test_running' })
    this.#isRunning = true
    try {
      return await this.#run({ ...ask, seed: ask.seed ?? this.#parts.newSeed() })
    } finally {
      this.#isRunning = false
    }
  }

  async #run(ask: {
    readonly cases: number
    readonly seed: number
    readonly signal: AbortSignal
  }): Promise<LeakReport> {
    const { clock, listen, progress } = this.#parts
    const startedAt = clock.now()
    const began = clock.mono()
    const policy = this.#parts.policy()
    const counted = new LeakCount()
    await using upstream = listen()
    try {
      let restedAt = clock.mono()
      let toldAt = restedAt
      for (const each of planned(ask, { directory: this.#parts.directory(), policy })) {
        ask.signal.throwIfAborted()
        await this.#try(each, { upstream, counted, policy, ...ask })
        if (clock.mono() - restedAt < sliceMs) continue
        await new Promise<void>((resolve) => setImmediate(resolve))
        restedAt = clock.mono()
        if (restedAt - toldAt < progressMs) continue
        toldAt = restedAt
        progress?.({ done: each.index + 1, cases: ask.cases })
      }
    } finally {
      await this.#forget()
    }
    const report = {
      seed: ask.seed,
      cases: ask.cases,
      passed: counted.claimed.size === 0,
      startedAt: new Date(startedAt).toISOString(),
      durationMs: Math.round(clock.mono() - began),
      policy: { name: policy.name, version: policyVersion(policy) },
      ...counted.facts(),
    }
    return { ...report, digest: this.#parts.sign(JSON.stringify(report)) }
  }

  async #try(each: LeakCase, at: CaseSurroundings): Promise<void> {
    const { exit, newRequestId } = this.#parts
    const to: Destination = { name: destinationName, baseUrl: at.upstream.baseUrl, locality: 'cloud' }
    const session = `leak-test:${at.seed}:${Math.floor(each.index / casesPerScope)}`
    const origin = { key: leakTestOwner, request: newRequestId(), session }
    const deadlines = { firstByteMs: caseMs, idleMs: caseMs, totalMs: caseMs }
    const sent = await exit.send(to, { ...each.request, origin }, { deadlines, signal: at.signal })
    if (sent.kind === 'failed') throw broken(sent.message)
    const text = sent.kind === 'answer' ? await textOf(sent) : null
    const captured = at.upstream.take()
    if (sent.kind === 'answer' ? captured.length !== 1 : false) throw broken('its request did not arrive')
    at.counted.count(each, sent.kind === 'answer' ? 'sent' : 'refused')
    if (text !== null && each.echoes.some((echo) => text.includes(echo))) at.counted.restored++
    // What was refused must not have arrived, not even a part of it.
    const isOut =
      each.mustStay || sent.kind !== 'answer' ? captured.length > 0 : captured.some((one) => holds(one, each))
    if (isOut) at.counted.survivor(each)
  }

  /** The values were nobody's, and nobody asks for them again. */
  async #forget(): Promise<void> {
    const { vault } = this.#parts
    for (;;) {
      const scopes = await vault.list({ owner: leakTestOwner, limit: scopesAtOnce })
      for (const { id } of scopes) await vault.shred(id, leakTestOwner)
      if (scopes.length < scopesAtOnce) return
    }
  }
}

interface CaseSurroundings {
  readonly upstream: CaptiveUpstream
  readonly counted: LeakCount
  readonly policy: PrivacyPolicy
  readonly seed: number
  readonly signal: AbortSignal
}

/** What arrived, counted. */
class LeakCount {
  readonly #byType: Record<string, number> = {}
  readonly #byCarrier: Record<string, number> = {}
  readonly #byMutation: Record<string, number> = {}
  readonly claimed = new Map<string, LeakSurvivor>()
  readonly #listed = new Map<string, LeakSurvivor>()
  #sent = 0
  #refused = 0
  restored = 0

  count({ type, carrier, mutation }: LeakCase, ending: 'sent' | 'refused'): void {
    add(this.#byType, type)
    add(this.#byCarrier, carrier)
    add(this.#byMutation, mutation)
    if (ending === 'sent') this.#sent++
    else this.#refused++
  }

  survivor({ type, carrier, mutation, isClaimed }: LeakCase): void {
    const among = isClaimed ? this.claimed : this.#listed
    const key = `${type} ${carrier} ${mutation}`
    among.set(key, { type, carrier, mutation, cases: (among.get(key)?.cases ?? 0) + 1 })
  }

  facts() {
    return {
      byType: this.#byType,
      byCarrier: this.#byCarrier,
      byMutation: this.#byMutation,
      sent: this.#sent,
      refused: this.#refused,
      restored: this.restored,
      claimed: [...this.claimed.values()],
      listed: [...this.#listed.values()],
    }
  }
}

function add(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}

const decoder = new TextDecoder()

/** Whether the canary stands in what arrived, in any form, or as it was written, or a good part of it. */
function holds({ url, headers, body }: CapturedRequest, { type, values }: LeakCase): boolean {
  const needles = createNeedles()
  for (const value of values) needles.add(value, 'TERM')
  if (findLeaks({ url, headers, body }, [needles]).kind !== 'clean') return true
  const text = decoder.decode(body)
  const parts = type === 'URL' ? values : values.flatMap((value) => [value, ...thirdsOf(value)])
  return parts.some((part) => asEchoed(part).some((each) => text.includes(each)))
}

/** A key of which a third is left is a key that got out. */
function thirdsOf(value: string): readonly string[] {
  const length = Math.ceil(value.length / 3)
  return length < shortestPart ? [] : [0, 1, 2].map((place) => value.slice(place * length, (place + 1) * length))
}

const shortestPart = 8

async function textOf(sent: Extract<Sent, { readonly kind: 'answer' }>): Promise<string | null> {
  const read = await sent.bytes(answerBytes)
  if (read.kind === 'broken') throw broken(read.message)
  return echoedText(sent.headers.get('content-type') ?? '', decoder.decode(read.bytes))
}

function broken(why: string): AppError {
  return new AppError('unavailable', `The leak test could not be finished: ${why}`, { reason: 'leak_test_broken' })
}
