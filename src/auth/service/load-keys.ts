import { sha256Hex } from '#platform/crypto/hash.ts'
import type { EpochMs } from '#kernel/time.ts'
import type { KeyRecord } from '../core/key.ts'
import { isUsable } from '../core/key.ts'
import { parseKeyText } from '../core/key-text.ts'
import { badAdminKey } from '../errors.ts'
import type { KeysOptions } from './keys.ts'
import type { Keys } from './keys.ts'

/**
 * Fills the ring at the start, and sees that somebody can get in:
 * 1. HEARTH_ADMIN_KEY is valid from now on, whatever became of it before; only its digest is kept.
 * 2. A key that an earlier HEARTH_ADMIN_KEY brought and that is not there any more is refused.
 * 3. A key whose owner is out is refused: the revocation may have been cut short.
 * 4. If no admin key is usable after that, Hearth makes one: its text is the answer, to be printed once.
 */
export async function loadKeys(keys: Keys, adminKey: string | null, options: KeysOptions): Promise<string | null> {
  const wanted = adminKey === null ? null : parseKeyText(adminKey.trim())
  if (adminKey !== null && wanted === null) throw badAdminKey()
  const now = options.clock.now()
  const stored = await options.store.all()
  for (const record of stored) {
    if (record.id === wanted?.id) continue
    const why = record.revokedAt === null ? whyOver(record, options) : null
    options.ring.add(why === null ? record : await refuse(record, why, options))
  }
  if (wanted !== null) {
    const record = stored.find((candidate) => candidate.id === wanted.id) ?? null
    const next = fromEnvironment(wanted.id, sha256Hex(wanted.secret), record, now)
    if (next !== record) await keep(next, record === null, options)
    options.ring.add(next)
  }
  const hasAdmin = options.ring.all().some((record) => record.scopes.includes('admin') && isUsable(record, now))
  if (hasAdmin) return null
  const made = await keys.makeAdminKey('hearth')
  tell('key.create', made.view.id, 'the first admin key', options)
  return made.key
}

/** The same record when it says all this already. */
function fromEnvironment(id: KeyRecord['id'], secretSha256: string, record: KeyRecord | null, now: EpochMs): KeyRecord {
  const isSame = record?.origin === 'environment' && record.secretSha256 === secretSha256 && record.revokedAt === null
  if (record !== null && isSame) return record
  return {
    id,
    name: 'admin',
    scopes: ['admin'],
    models: null,
    limits: { requestsPerMinute: null, tokensPerMinute: null, concurrency: null },
    budget: record?.budget ?? null,
    owner: null,
    createdAt: record?.createdAt ?? now,
    createdBy: 'hearth',
    origin: 'environment',
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: record?.lastUsedAt ?? null,
    secretSha256,
    generation: (record?.generation ?? -1) + 1,
    previous: null,
  }
}

async function keep(record: KeyRecord, isNew: boolean, options: KeysOptions): Promise<void> {
  await (isNew ? options.store.insert(record) : options.store.update(record))
  tell('key.create', record.id, 'HEARTH_ADMIN_KEY', options)
}

function whyOver({ origin, owner }: KeyRecord, { owners }: KeysOptions): string | null {
  if (origin === 'environment') return 'HEARTH_ADMIN_KEY is another one now'
  return owner?.user != null && !owners.isActive(owner.user) ? 'its owner is out' : null
}

async function refuse(record: KeyRecord, why: string, options: KeysOptions): Promise<KeyRecord> {
  const refused = { ...record, revokedAt: options.clock.now() }
  await options.store.update(refused)
  tell('key.revoke', record.id, why, options)
  return refused
}

function tell(action: string, target: string, detail: string, { audit, clock }: KeysOptions): void {
  audit.record({ at: clock.now(), who: 'hearth', action, target, detail, from: null })
}
