import type { EpochMs } from '#kernel/time.ts'
import type { Charge, RequestRecord, SubjectKind } from '#kernel/words.ts'

export interface UsageSums {
  readonly requests: number
  readonly promptTokens: number
  readonly completionTokens: number
  readonly cachedTokens: number
  /** Null while no request had a known price. */
  readonly costMicros: number | null
  readonly failed: number
}

/** The sums of one group. The name is empty for what has none: nobody's, or nobody asked. */
export interface UsageGroup extends UsageSums {
  readonly name: string
}

/** Whose usage it is. */
export interface UsagePlace {
  readonly day: string
  readonly key: string
  readonly user: string
  readonly team: string
  readonly model: string
  /** Who was asked. */
  readonly upstream: string
}

/** What one batch adds to the sums of a place. */
export interface UsageAddition extends UsageSums, UsagePlace {}

/** The same for a tag; a request with several counts in each. */
export interface TagAddition extends UsageAddition {
  readonly tag: string
}

/** What limits and budgets of one subject are charged with on one day. */
export interface ChargeAddition {
  readonly kind: SubjectKind
  readonly id: string
  readonly day: string
  readonly requests: number
  readonly tokens: number
  readonly micros: number
}

export interface Additions {
  readonly usage: readonly UsageAddition[]
  readonly tags: readonly TagAddition[]
  readonly charges: readonly ChargeAddition[]
}

/** In UTC, for example `2026-01-31`. */
export function dayOf(at: EpochMs): string {
  return new Date(at).toISOString().slice(0, 10)
}

/**
 * Sums of a batch, each in the order of its place: two processes that add to the same rows take their locks in the same
 * order.
 */
export function addUp(records: readonly RequestRecord[]): Additions {
  const usage = new Map<string, Sums<UsageAddition>>()
  const tags = new Map<string, Sums<TagAddition>>()
  const charges = new Map<string, Sums<ChargeAddition>>()
  let day = ''
  let dayNumber = NaN
  for (const record of records) {
    // Making a date's text costs more than all the rest, and a batch is of one day, nearly always.
    if (Math.floor(record.at / dayMs) !== dayNumber) {
      day = dayOf(record.at)
      dayNumber = Math.floor(record.at / dayMs)
    }
    const { key, model, owner, charge } = record
    const [user, team, upstream] = [owner?.user ?? '', owner?.team ?? '', record.upstream ?? '']
    const place: UsagePlace = { day, key, user, team, model, upstream }
    // A name may hold any sign but a zero.
    const name = [day, key, user, team, upstream, model].join('\0')
    add(
      groupOf(usage, name, () => ({ ...place, ...nothing })),
      record,
    )
    for (const tag of record.tags ?? []) {
      add(
        groupOf(tags, `${tag}\0${name}`, () => ({ ...place, ...nothing, tag })),
        record,
      )
    }
    if (charge === undefined) continue
    for (const [kind, id] of subjectsOf(record, charge)) {
      const sums = groupOf(charges, `${kind}\0${id}\0${day}`, () => ({ kind, id, day, ...noCharge }))
      sums.requests++
      sums.tokens += charge.tokens
      sums.micros += charge.micros
    }
  }
  return { usage: inOrder(usage), tags: inOrder(tags), charges: inOrder(charges) }
}

type Sums<T> = { -readonly [Member in keyof T]: T[Member] }

function groupOf<T>(groups: Map<string, T>, name: string, make: () => T): T {
  let group = groups.get(name)
  if (group === undefined) groups.set(name, (group = make()))
  return group
}

const inOrder = <T>(groups: ReadonlyMap<string, T>): readonly T[] =>
  [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sums]) => sums)

/** Everybody whom a request touches, as the purse has it. */
function subjectsOf({ key, owner, tags }: RequestRecord, { models }: Charge): (readonly [SubjectKind, string])[] {
  const subjects: (readonly [SubjectKind, string])[] = [['key', key]]
  if (owner !== undefined && owner.user !== null) subjects.push(['user', owner.user])
  if (owner !== undefined && owner.team !== null) subjects.push(['team', owner.team])
  for (const tag of tags ?? []) subjects.push(['tag', tag])
  for (const model of models) subjects.push(['model', model])
  return subjects
}

const noCharge = { requests: 0, tokens: 0, micros: 0 }
const dayMs = 86_400_000
const nothing: UsageSums = {
  requests: 0,
  promptTokens: 0,
  completionTokens: 0,
  cachedTokens: 0,
  costMicros: null,
  failed: 0,
}

/** In place: this runs for every request. */
function add(sums: Sums<UsageSums>, { usage, costMicros, outcome }: RequestRecord): void {
  sums.requests++
  sums.promptTokens += usage.promptTokens ?? 0
  sums.completionTokens += usage.completionTokens ?? 0
  sums.cachedTokens += usage.cachedTokens ?? 0
  if (costMicros !== null) sums.costMicros = (sums.costMicros ?? 0) + costMicros
  if (outcome === 'failed') sums.failed++
}
