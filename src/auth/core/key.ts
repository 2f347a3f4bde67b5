import { AppError } from '#kernel/errors.ts'
import type { KeyId } from '#kernel/ids.ts'
import type { EpochMs } from '#kernel/time.ts'
import type { Budget, Caller, KeyLimits, Owner, Scope } from '#kernel/words.ts'
import { scopes as allScopes } from '#kernel/words.ts'
import type { KeyViewWire } from '#protocol/admin/auth.ts'
import type { KeyView } from '../contract.ts'

/** A key as it is kept. Secrets are SHA-256 digests in hex: 192 random bits need no slow hash and no salt. */
export interface KeyRecord {
  readonly id: KeyId
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly models: readonly string[] | null
  readonly limits: KeyLimits
  /** null = its requests may cost as much as they like. */
  readonly budget: Budget | null
  /** null: it is the house's, which administrators look after. */
  readonly owner: Owner | null
  readonly createdAt: EpochMs
  /** A key's public id, a user's id, `local` or `hearth`. */
  readonly createdBy: string
  /** `generated`: the admin key of the first start or of a reset. `environment`: HEARTH_ADMIN_KEY. */
  readonly origin: 'created' | 'generated' | 'environment'
  readonly expiresAt: EpochMs | null
  readonly revokedAt: EpochMs | null
  readonly lastUsedAt: EpochMs | null
  readonly secretSha256: string
  /** Grows with every rotation: a session ends with the secret that it was made with. */
  readonly generation: number
  /** The secret before the last rotation, while its grace runs. */
  readonly previous: { readonly secretSha256: string; readonly until: EpochMs } | null
}

/** What somebody wants of a new key; its shape was checked, its meaning not. */
export interface WantedKey {
  readonly name: string
  readonly scopes?: readonly Scope[] | undefined
  readonly models?: readonly string[] | null | undefined
  readonly expiresAt?: EpochMs | null | undefined
  /** Not said: whoever makes it, where that is a person. */
  readonly owner?:
    | { readonly user?: string | null | undefined; readonly team?: string | null | undefined }
    | null
    | undefined
  readonly limits?: { readonly [Limit in keyof KeyLimits]?: KeyLimits[Limit] | null | undefined } | undefined
  readonly budget?: Budget | null | undefined
}

/** The new key's meaning but for its owner, or an AppError that names what cannot be. */
export function planKey(wanted: WantedKey, by: Caller, now: EpochMs): Omit<KeyView, 'id' | 'createdAt' | 'owner'> {
  const scopes = [...new Set(wanted.scopes ?? (['inference'] as const))]
  const beyond = scopes.filter((scope) => !by.may(scope))
  if (beyond.length > 0) {
    const message = `You cannot give a key the scope ${beyond.join(', ')}: your own does not have it.`
    throw new AppError('forbidden', message, { reason: 'scope_beyond_own', param: 'scopes' })
  }
  const expiresAt = wanted.expiresAt ?? null
  if (expiresAt !== null && expiresAt <= now) {
    const message = `expiresAt ${iso(expiresAt)} is in the past; it is ${iso(now)} now.`
    throw new AppError('invalid', message, { reason: 'expired_at_birth', param: 'expiresAt' })
  }
  return {
    name: wanted.name,
    scopes: allScopes.filter((scope) => scopes.includes(scope)),
    models: wanted.models ?? null,
    limits: {
      requestsPerMinute: wanted.limits?.requestsPerMinute ?? null,
      tokensPerMinute: wanted.limits?.tokensPerMinute ?? null,
      concurrency: wanted.limits?.concurrency ?? null,
      ...longerLimits(wanted.limits ?? {}),
      ...(wanted.limits?.weight ? { weight: wanted.limits.weight } : {}),
      ...(wanted.limits?.priority ? { priority: wanted.limits.priority } : {}),
    },
    budget: wanted.budget ?? null,
    expiresAt,
    revokedAt: null,
    lastUsedAt: null,
    previousSecretUntil: null,
  }
}

const longer = ['requestsPerHour', 'requestsPerDay', 'requestsPerMonth'] as const
const longerTokens = ['tokensPerHour', 'tokensPerDay', 'tokensPerMonth'] as const

/** Those that are set. */
function longerLimits(limits: NonNullable<WantedKey['limits']>): Partial<KeyLimits> {
  const names = [...longer, ...longerTokens]
  return Object.fromEntries(names.flatMap((name) => (limits[name] ? [[name, limits[name]]] : [])))
}

export function isUsable(record: KeyRecord, now: EpochMs): boolean {
  return record.revokedAt === null && (record.expiresAt === null || record.expiresAt > now)
}

/** For events and answers: times as ISO 8601 texts. */
export function toWire(view: KeyView): KeyViewWire {
  return {
    ...view,
    scopes: [...view.scopes],
    models: view.models === null ? null : [...view.models],
    owner: view.owner === null ? null : { user: view.owner.user, team: view.owner.team },
    limits: limitsToWire(view.limits),
    budget: view.budget === null ? null : { ...view.budget },
    createdAt: iso(view.createdAt),
    expiresAt: isoOrNull(view.expiresAt),
    revokedAt: isoOrNull(view.revokedAt),
    lastUsedAt: isoOrNull(view.lastUsedAt),
    previousSecretUntil: isoOrNull(view.previousSecretUntil),
  }
}

function limitsToWire(limits: KeyLimits): KeyViewWire['limits'] {
  return {
    ...limits,
    requestsPerHour: limits.requestsPerHour ?? null,
    requestsPerDay: limits.requestsPerDay ?? null,
    requestsPerMonth: limits.requestsPerMonth ?? null,
    tokensPerHour: limits.tokensPerHour ?? null,
    tokensPerDay: limits.tokensPerDay ?? null,
    tokensPerMonth: limits.tokensPerMonth ?? null,
    weight: limits.weight ?? null,
    priority: limits.priority ?? null,
  }
}

export function toView(record: KeyRecord, now: EpochMs): KeyView {
  const { id, name, scopes, models, limits, budget, owner, createdAt, expiresAt, revokedAt, lastUsedAt, previous } =
    record
  const previousSecretUntil = previous !== null && previous.until > now ? previous.until : null
  return {
    id,
    name,
    scopes,
    models,
    limits,
    budget,
    owner,
    createdAt,
    expiresAt,
    revokedAt,
    lastUsedAt,
    previousSecretUntil,
  }
}

export function iso(at: EpochMs): string {
  return new Date(at).toISOString()
}

function isoOrNull(at: EpochMs | null): string | null {
  return at === null ? null : iso(at)
}
