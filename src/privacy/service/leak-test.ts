import { AppError } from '#kernel/errors.ts'
import { keyId, type RequestId } from '#kernel/ids.ts'
import type { Clock } from '#kernel/time.ts'
import type { Destination, InferenceExit, Outbound, Sent } from '#platform/egress/contract.ts'
import type { LeakReport, LeakSurvivor } from '#protocol/admin/privacy.ts'
import type { ListEntry, PrivacyPolicy, Vault } from '../contract.ts'
import { makeCanaries } from '../core/canaries/canaries.ts'
import type { Canary } from '../core/canaries/canary.ts'
import { carriers } from '../core/canaries/carriers.ts'
import { closedRows } from '../core/canaries/closed.ts'
import { asEchoed, echoedText, withStream } from '../core/canaries/echo.ts'
import { mutations } from '../core/canaries/mutations.ts'
import { knownCanary } from '../core/canaries/names.ts'
import { createRandom, type Random } from '../core/canaries/random.ts'
import { findLeaks } from '../core/leak/gate.ts'
import { createNeedles } from '../core/leak/needles.ts'
import { policyVersion } from './desk.ts'

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
    const { clock, listen } = this.#parts
    const startedAt = clock.now()
    const began = clock.mono()
    const policy = this.#parts.policy()
    const tally = new Tally()
    await using upstream = listen()
    try {
      let restedAt = clock.mono()
      for (const each of planned(ask, { directory: this.#parts.directory(), policy })) {
        ask.signal.throwIfAborted()
        await this.#try(each, { upstream, tally, policy, ...ask })
        if (clock.mono() - restedAt < sliceMs) continue
        await new Promise<void>((resolve) => setImmediate(resolve))
        restedAt = clock.mono()
      }
    } finally {
      await this.#forget()
    }
    const report = {
      seed: ask.seed,
      cases: ask.cases,
      passed: tally.claimed.size === 0,
      startedAt: new Date(startedAt).toISOString(),
      durationMs: Math.round(clock.mono() - began),
      policy: { name: policy.name, version: policyVersion(policy) },
      ...tally.facts(),
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
    at.tally.count(each, sent.kind === 'answer' ? 'sent' : 'refused')
    if (text !== null && each.echoes.some((echo) => text.includes(echo))) at.tally.restored++
    // What was refused must not have arrived, not even a part of it.
    const isOut =
      each.mustStay || sent.kind !== 'answer' ? captured.length > 0 : captured.some((one) => holds(one, each))
    if (isOut) at.tally.survivor(each)
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
  readonly tally: Tally
  readonly policy: PrivacyPolicy
  readonly seed: number
  readonly signal: AbortSignal
}

/** One request with one canary in it. */
interface LeakCase {
  readonly index: number
  readonly type: Canary['type']
  readonly carrier: string
  readonly mutation: string
  readonly isClaimed: boolean
  /** It must not arrive at all. */
  readonly mustStay: boolean
  /** The canary as it is and as it was written. */
  readonly values: readonly string[]
  /** One of these is in the answer that comes back; empty: it need not be. */
  readonly echoes: readonly string[]
  readonly request: Outbound
}

/** Of so many cases one carries a very long text. */
const largeEvery = 100

/** The cases of a seed, one after the other: the same for the same seed and lists. */
function* planned(
  { cases, seed }: { readonly cases: number; readonly seed: number },
  house: { readonly directory: readonly ListEntry[]; readonly policy: PrivacyPolicy },
): Generator<LeakCase> {
  const random = createRandom(seed)
  const small = carriers.filter(({ isLarge }) => isLarge !== true)
  const large = carriers.filter(({ isLarge }) => isLarge === true)
  let waiting: Canary[] = []
  let index = 0
  for (const each of closedCases(random, house.policy).slice(0, Math.ceil(cases / 10)))
    yield { ...each, index: index++ }
  while (index < cases) {
    if (waiting.length === 0) waiting = canariesOf(random, house)
    const canary = waiting.pop()
    if (!canary) continue
    const carrier = random.pick(index % largeEvery === largeEvery - 1 ? large : small)
    yield caseOf(canary, { carrier, index, random, policy: house.policy })
    index++
  }
}

/** What the policy lets go is no leak. */
function canariesOf(
  random: Random,
  { directory, policy }: { readonly directory: readonly ListEntry[]; readonly policy: PrivacyPolicy },
): Canary[] {
  const known = directory.filter(({ value }) => value.length >= shortestKnown)
  const found = [...makeCanaries(random), ...(known.length > 0 ? [knownCanary(random, random.pick(known))] : [])]
  return found.filter(({ type }) => !policy.pass.includes(type))
}

const shortestKnown = 5

function caseOf(
  canary: Canary,
  at: {
    readonly carrier: (typeof carriers)[number]
    readonly index: number
    readonly random: Random
    readonly policy: PrivacyPolicy
  },
): LeakCase {
  const { random, carrier, policy } = at
  const plain = { id: 'none', written: canary.value, isClaimed: true }
  // Half of them as they are: most leaks are plain ones.
  const tried = random.below(2) === 0 ? null : random.pick(mutations)
  const changed = tried?.apply(canary.value, random) ?? null
  const { id, written, isClaimed } =
    tried === null || changed === null ? plain : { id: tried.id, written: changed, isClaimed: tried.claims(canary) }
  const text = canary.before + written + canary.after
  const { path, body } = carrier.build(text, random)
  const isRestored = canary.type !== 'SECRET' || policy.restoreSecrets === 'always'
  // A name that no list holds is what only a recogniser of names can find.
  const isKnown = !canary.isName || canary.kind === 'directory'
  return {
    index: at.index,
    type: canary.type,
    carrier: carrier.id,
    mutation: id,
    isClaimed: isClaimed && isKnown,
    mustStay: false,
    values: canary.value === written ? [written] : [canary.value, written],
    echoes: carrier.isEchoed && isRestored ? asEchoed(text) : [],
    request: {
      method: body === null ? 'GET' : 'POST',
      path,
      headers: { 'content-type': 'application/json' },
      body: body === null ? null : encoder.encode(JSON.stringify(withStream(path, body, random))),
      data: [body === null ? 'metadata' : 'text'],
    },
  }
}

function closedCases(random: Random, policy: PrivacyPolicy): readonly LeakCase[] {
  const canary = makeCanaries(random).find(({ type }) => type === 'EMAIL')
  if (!canary) return []
  return closedRows(canary.value, policy).map(({ id, ...request }) => ({
    index: 0,
    type: canary.type,
    carrier: `closed.${id}`,
    mutation: 'none',
    isClaimed: true,
    mustStay: true,
    values: [canary.value],
    echoes: [],
    request: { method: 'POST', ...request },
  }))
}

/** What arrived, counted. */
class Tally {
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

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Whether the canary stands in what arrived, in any form, or as it was written. */
function holds({ url, headers, body }: CapturedRequest, { values }: LeakCase): boolean {
  const needles = createNeedles()
  for (const value of values) needles.add(value, 'TERM')
  if (findLeaks({ url, headers, body }, [needles]).kind !== 'clean') return true
  const text = decoder.decode(body)
  return values.some((value) => asEchoed(value).some((each) => text.includes(each)))
}

async function textOf(sent: Extract<Sent, { readonly kind: 'answer' }>): Promise<string | null> {
  const read = await sent.bytes(answerBytes)
  if (read.kind === 'broken') throw broken(read.message)
  return echoedText(sent.headers.get('content-type') ?? '', decoder.decode(read.bytes))
}

function broken(why: string): AppError {
  return new AppError('unavailable', `The leak test could not be finished: ${why}`, { reason: 'leak_test_broken' })
}
