import type { Fallback, Route, Target } from './choose.ts'
import { consequences } from './failures.ts'
import type { VitalSigns } from './health.ts'
import type { Failure, FailureClass, Impasse, Itinerary, Question, Stop } from './itinerary.ts'
import { pickTarget } from './policies.ts'

/**
 * The way of one request. It decides and does nothing: who asks a stop tells `vitals` of it. `chance` answers numbers
 * from 0 up to, not including, 1.
 *
 * 1. Of the targets that were not asked yet and could fit the prompt, those that fit with the answer wanted, too; of
 * them those that are good, then those that are busy; of them those of the lowest priority; of them the policy chooses.
 * 2. All were asked: those whose failure may pass are asked again, each up to `attempts` times, after a backoff with
 * full jitter or after their own `Retry-After`.
 * 3. The first fallback for the failure: its targets, by its policy, with its own retries and fallbacks.
 * 4. What is down is asked only where 1 and 3 have nobody: a breaker spares a sick one, it is no reason to answer
 * nothing.
 * Never more than `maxAttempts` in all, of the route that was asked for.
 */
export function createItinerary(route: Route, question: Question, vitals: VitalSigns, chance: () => number): Itinerary {
  return new Journey(route, question, vitals, chance)
}

interface Trial {
  readonly target: Target
  times: number
  last: Failure | null
}

class Journey implements Itinerary {
  readonly #question: Question
  readonly #vitals: VitalSigns
  readonly #chance: () => number
  readonly #maxAttempts: number
  #route: Route
  /** Of the present route. */
  #trials: Trial[] = []
  #at: Trial | null = null
  #attempts = 0
  #visited: Route['name'][] | null = null
  #impasse: Impasse | null = null

  constructor(route: Route, question: Question, vitals: VitalSigns, chance: () => number) {
    this.#route = route
    this.#question = question
    this.#vitals = vitals
    this.#chance = chance
    this.#maxAttempts = route.retries.maxAttempts
  }

  get impasse(): Impasse | null {
    return this.#impasse
  }

  first(): Stop | null {
    const own = this.#pick('up')
    if (own) return this.#stop(own, 0, this.#reason(own))
    const kind = this.#whyNobody()
    const other = this.#fallBack(kind)
    if (other) return other
    const last = this.#pickDown()
    if (last) return last
    this.#impasse = this.#refuse(kind)
    return null
  }

  next(failure: Failure): Stop | null {
    if (this.#at) this.#at.last = failure
    if (this.#attempts >= this.#maxAttempts) return null
    const { kind } = failure
    const own = this.#pick('up')
    if (own) return this.#stop(own, 0, `next after ${kind}`)
    const again = this.#again(kind)
    if (again) return again
    return this.#fallBack(kind) ?? (consequences[kind].goesOn ? this.#pickDown(kind) : null)
  }

  /** 1. Among those not asked yet. */
  #pick(which: 'up' | 'down'): Target | null {
    const { targets, policy, name } = this.#route
    const wide = this.#neededContext()
    let candidates: Target[] = []
    let best = Number.POSITIVE_INFINITY
    for (const target of targets) {
      if (this.#wasAsked(target) || !mayFit(target, this.#question) || !isWider(target, wide)) continue
      const { condition } = this.#vitals.of(target)
      if ((condition === 'down') !== (which === 'down')) continue
      const rank = rankOf(target, condition, this.#question)
      if (rank > best) continue
      if (rank < best) candidates = []
      best = rank
      candidates.push(target)
    }
    if (candidates.length === 0) return null
    const { length } = candidates
    if (targets.length === 1) return candidates[0] ?? null
    // A weight of 0 is for when no other can.
    if (length > 1) candidates = weighty(candidates)
    return pickTarget(policy, {
      route: name,
      candidates,
      question: this.#question,
      vitals: this.#vitals,
      chance: this.#chance,
    })
  }

  /**
   * After a failure that is the request's own only a larger context than this may help; null = anybody. Infinity: what
   * failed no target of the route can mend.
   */
  #neededContext(): number | null {
    const last = this.#at?.last
    if (!last || consequences[last.kind].goesOn) return null
    if (last.kind !== 'context_length') return Number.POSITIVE_INFINITY
    return this.#at?.target.contextTokens ?? Number.POSITIVE_INFINITY
  }

  /** 2. The one that may be asked again soonest. */
  #again(kind: FailureClass): Stop | null {
    const { retries } = this.#route
    if (!consequences[kind].goesOn) return null
    let best: Trial | null = null
    let bestMs = Number.POSITIVE_INFINITY
    for (const trial of this.#trials) {
      const { last, times, target } = trial
      if (!last || times >= retries.attempts || !consequences[last.kind].isPassing) continue
      if (this.#vitals.of(target).condition === 'down' && this.#trials.length > 1) continue
      if (last.retryAfterMs !== null && !this.#mayWait(last)) continue
      const waitMs = last.retryAfterMs ?? 0
      if (waitMs >= bestMs && !(waitMs === bestMs && best && times < best.times)) continue
      best = trial
      bestMs = waitMs
    }
    if (!best?.last) return null
    const longest = Math.min(retries.maxBackoffMs, retries.backoffMs * 2 ** (best.times - 1))
    return this.#stop(best.target, bestMs + this.#chance() * longest, `retry ${best.times} after ${best.last.kind}`)
  }

  /** Nobody waits for one that asks for patience while another would do. */
  #mayWait(failure: Failure): boolean {
    if ((failure.retryAfterMs ?? 0) > this.#route.retries.maxRetryAfterMs) return false
    return !this.#route.fallbacks.some((fallback) => isFor(fallback, failure.kind))
  }

  /** 3. Another name. */
  #fallBack(kind: FailureClass): Stop | null {
    const from = this.#route
    const trials = this.#trials
    const at = this.#at
    for (const fallback of from.fallbacks) {
      if (!isFor(fallback, kind)) continue
      const route = fallback.route()
      this.#visited ??= [from.name]
      if (!route || this.#visited.includes(route.name)) continue
      this.#visited.push(route.name)
      this.#route = route
      this.#trials = []
      this.#at = null
      const own = this.#pick('up')
      if (own) return this.#stop(own, 0, `fallback ${route.name} after ${kind}`)
      const further = this.#fallBack(this.#whyNobody()) ?? this.#pickDown(kind)
      if (further) return further
      this.#route = from
      this.#trials = trials
      this.#at = at
    }
    return null
  }

  /** 4. What is down. */
  #pickDown(kind: FailureClass | null = null): Stop | null {
    if (this.#route.retries.whenAllOpen === 'refuse') return null
    const target = this.#pick('down')
    if (!target) return null
    const after = kind === null ? '' : ` after ${kind}`
    return this.#stop(target, 0, `all breakers open, tried nevertheless${after}`)
  }

  #stop(target: Target, waitMs: number, why: string): Stop {
    let trial = this.#trials.find((tried) => tried.target === target)
    if (!trial) {
      trial = { target, times: 0, last: null }
      this.#trials.push(trial)
    }
    trial.times++
    this.#attempts++
    this.#at = trial
    return { target, waitMs: Math.round(waitMs), why }
  }

  #reason(target: Target): string {
    const { targets, policy } = this.#route
    return targets.length === 1 ? 'only target' : `${policy} ${targets.indexOf(target) + 1} of ${targets.length}`
  }

  #wasAsked(target: Target): boolean {
    for (const trial of this.#trials) if (trial.target === target) return true
    return false
  }

  /** The class of failure that it comes to when nobody was asked at all. */
  #whyNobody(): FailureClass {
    const { targets } = this.#route
    const fitting = targets.find((target) => mayFit(target, this.#question))
    if (!fitting) return targets.length > 0 ? 'context_length' : 'not_found'
    return this.#vitals.of(fitting).lastFailure ?? 'refused'
  }

  #refuse(kind: FailureClass): Impasse {
    const { targets } = this.#route
    if (kind === 'context_length') {
      const contextTokens = Math.max(...targets.map((target) => target.contextTokens ?? 0))
      return { kind: 'context_length', promptTokens: this.#question.promptTokens, contextTokens }
    }
    const waits = targets.map((target) => this.#vitals.of(target).retryInMs)
    return { kind: 'down', retryAfterMs: Math.ceil(Math.min(60_000, ...waits)) }
  }
}

const isFor = ({ on }: Fallback, kind: FailureClass): boolean =>
  on === null ? consequences[kind].isTargets : on.includes(kind)

/**
 * Tokens are counted by their characters, which is wrong by up to half in both directions. So who seems too small is
 * asked after those who are not, and left out only when the prompt cannot fit even if it has half of what was counted.
 */
const isOvercounted = 2

function mayFit({ contextTokens }: Target, { promptTokens }: Question): boolean {
  return contextTokens === null || promptTokens <= contextTokens * isOvercounted
}

function isWider({ contextTokens }: Target, wide: number | null): boolean {
  return wide === null || (contextTokens !== null && contextTokens > wide)
}

/** Fitting before tight, good before busy, then by priority, which is below a thousand. */
function rankOf(target: Target, condition: 'good' | 'busy' | 'down', question: Question): number {
  const { contextTokens, priority } = target
  const isTight = contextTokens !== null && question.promptTokens + (question.maxTokens ?? 0) > contextTokens
  return (isTight ? 20_000 : 0) + (condition === 'busy' ? 10_000 : 0) + priority
}

function weighty(candidates: Target[]): Target[] {
  if (!candidates.some((target) => target.weight === 0)) return candidates
  const some = candidates.filter((target) => target.weight > 0)
  return some.length > 0 ? some : candidates
}
