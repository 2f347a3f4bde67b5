import type { Policy } from '#kernel/routing.ts'
import type { Target } from './choose.ts'
import { blocksOf, hashOf, mix } from './hash.ts'
import type { Health, VitalSigns } from './health.ts'
import type { Question } from './itinerary.ts'

export interface Pick {
  readonly route: string
  /** Never empty; all of them may be asked, and none is preferred for another reason. In the config's order. */
  readonly candidates: readonly Target[]
  readonly question: Question
  readonly vitals: VitalSigns
  /** From 0 up to, not including, 1. */
  readonly chance: () => number
}

/** Which of the candidates a policy asks first. */
export function pickTarget(policy: Policy, pick: Pick): Target {
  const { candidates } = pick
  const [first] = candidates
  if (first === undefined) throw new RangeError('A policy needs a candidate.')
  if (candidates.length === 1 && policy !== 'prefix') return first
  switch (policy) {
    case 'priority':
      return first
    case 'weighted':
      return pickByWeight(pick, first)
    case 'least-in-flight':
      return pickLeast(pick, (target, health) => [inFlightOf(target, health)])
    case 'least-loaded':
      return pickLeast(pick, loadOf)
    case 'latency':
      return pickByLatency(pick, first)
    case 'cost':
      return pickLeast(pick, (target, health) => [costOf(target), inFlightOf(target, health)])
    case 'prefix':
      return pickByPrefix(pick)
    case 'sticky':
      return pickBySession(pick)
  }
}

function pickByWeight({ candidates, chance }: Pick, first: Target): Target {
  const total = candidates.reduce((sum, target) => sum + target.weight, 0)
  let left = chance() * total
  for (const target of candidates) {
    left -= target.weight
    if (left < 0) return target
  }
  return candidates.at(-1) ?? first
}

/** In shares: a target of weight 2 counts as idle as one of weight 1 with half of its requests. */
function inFlightOf(target: Target, { inFlight }: Health): number {
  return (inFlight + 1) / Math.max(target.weight, Number.MIN_VALUE)
}

/**
 * What waits at the engine first, then what it works at, then how full its cache is. Its figures are up to some seconds
 * old, so what went there since is added; without figures only what is in flight from here counts.
 */
export function loadOf(target: Target, health: Health): readonly number[] {
  const { engine, inFlight } = health
  if (engine === null) return [0, inFlightOf(target, health), 0]
  const { running, waiting, cacheUsage, inFlightThen } = engine
  const since = inFlight - inFlightThen
  const stillWaiting = (waiting ?? 0) > 0 ? Math.max(0, (waiting ?? 0) + since) : 0
  const ofOthers = Math.max(0, (running ?? 0) + (waiting ?? 0) - inFlightThen)
  const share = Math.max(target.weight, Number.MIN_VALUE)
  return [stillWaiting / share, (ofOthers + inFlight + 1) / share, cacheUsage ?? 0]
}

/** Without a price: what stands in the house costs nothing, what may be a cloud comes last. */
function costOf({ costPerMillion, locality }: Target): number {
  return costPerMillion ?? (locality === 'host' || locality === 'lan' ? 0 : Number.MAX_VALUE)
}

type Score = (target: Target, health: Health) => readonly number[]

/** The least by the first figure that differs; among equals chance, so that all have their turn. */
function pickLeast({ candidates, vitals, chance }: Pick, score: Score): Target {
  let best = candidates[0] as Target
  let bestScore: readonly number[] | null = null
  let equals = 0
  for (const target of candidates) {
    const own = score(target, vitals.of(target))
    const order = bestScore === null ? -1 : compare(own, bestScore)
    if (order > 0) continue
    equals = order < 0 ? 1 : equals + 1
    if (order < 0 || chance() * equals < 1) {
      best = target
      bestScore = own
    }
  }
  return best
}

function compare(left: readonly number[], right: readonly number[]): number {
  for (let at = 0; at < left.length; at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/**
 * Two choices by chance, and of them the one with the lower peak average × (in flight + 1): all requests at once do not
 * run to the same quick one. Who was not measured yet is tried by one request, not by many.
 */
function pickByLatency({ candidates, vitals, chance }: Pick, first: Target): Target {
  const one = Math.floor(chance() * candidates.length)
  const other = (one + 1 + Math.floor(chance() * (candidates.length - 1))) % candidates.length
  const left = candidates[one] ?? first
  const right = candidates[other] ?? first
  return waitAt(right, vitals.of(right)) < waitAt(left, vitals.of(left)) ? right : left
}

const unknownMs = 3_600_000

function waitAt(target: Target, { firstByteMs, inFlight }: Health): number {
  const share = Math.max(target.weight, Number.MIN_VALUE)
  if (firstByteMs === null) return inFlight === 0 ? 0 : (unknownMs * inFlight) / share
  return (firstByteMs * (inFlight + 1)) / share
}

/**
 * Who has seen most of this prompt, as long as that is enough of it and nobody is far ahead in work; otherwise the
 * least in flight, and among equals the one that the prompt's first block falls to: several Hearths agree.
 */
function pickByPrefix(pick: Pick): Target {
  const { candidates, vitals, route } = pick
  const { prefixes } = vitals
  const blocks = blocksOf(pick.question.prefix())
  const known = isLopsided(pick) ? null : prefixes.find(route, blocks)
  const isEnough = known !== null && known.blocks >= blocks.length * prefixes.guard.match
  const seen = isEnough ? candidates.find((target) => target.key === known.target) : undefined
  const picked = seen ?? pickIdlest(pick, blocks[0] ?? 0)
  if (blocks.length > 0) prefixes.learn(route, blocks, picked.key)
  return picked
}

function isLopsided({ candidates, vitals }: Pick): boolean {
  let most = 0
  let least = Number.POSITIVE_INFINITY
  for (const target of candidates) {
    const { inFlight } = vitals.of(target)
    most = Math.max(most, inFlight)
    least = Math.min(least, inFlight)
  }
  const { maxAhead, maxRatio } = vitals.prefixes.guard
  return most - least > maxAhead && most > least * maxRatio
}

function pickIdlest(pick: Pick, hash: number): Target {
  return pickLeast(pick, (target, health) => [inFlightOf(target, health), -spread(target, hash)])
}

/** Rendezvous: a session stays where it is while that place may be asked, and only its own sessions move when not. */
function pickBySession(pick: Pick): Target {
  const { session } = pick.question
  if (session === null) return pickLeast(pick, (target, health) => [inFlightOf(target, health)])
  const hash = hashOf(session)
  return pickLeast(pick, (target) => [-spread(target, hash)])
}

/** Larger for the target that a hash falls to: highest random weight, in shares. */
function spread(target: Target, hash: number): number {
  const draw = (mix(hash ^ hashOf(target.key)) + 0.5) / 2 ** 32
  return -Math.max(target.weight, Number.MIN_VALUE) / Math.log(draw)
}
