import { AppError } from '#kernel/errors.ts'
import type { UserId } from '#kernel/ids.ts'
import type { Permission, Role } from '#kernel/permissions.ts'
import { permissionsOfRole } from '#kernel/permissions.ts'
import type { EpochMs } from '#kernel/time.ts'
import type { TeamViewWire, UserNewsWire, UserViewWire } from '#protocol/admin/people.ts'
import { iso } from './key.ts'

/** What people may say of themselves. */
export interface Profile {
  readonly email: string | null
  readonly firstName: string | null
  readonly lastName: string | null
  readonly organization: string | null
}

export interface UserRecord extends Profile {
  readonly id: UserId
  /** In lower case; never changes, because logs and rows name people by it. */
  readonly username: string
  readonly role: Role
  /** Ids of teams; the first is counted for what the person asks without a key. */
  readonly teams: readonly string[]
  readonly isActive: boolean
  /** null: none was chosen yet. */
  readonly passwordHash: string | null
  /** Grows with every change of the password: what began before it is over. */
  readonly generation: number
  readonly createdAt: EpochMs
  readonly updatedAt: EpochMs
  readonly lastSignInAt: EpochMs | null
}

export interface TeamRecord {
  readonly id: string
  readonly name: string
  readonly createdAt: EpochMs
}

/** What somebody wants of a user; its shape was checked, its meaning not. */
export interface UserChange {
  readonly email?: string | null | undefined
  readonly firstName?: string | null | undefined
  readonly lastName?: string | null | undefined
  readonly organization?: string | null | undefined
  readonly role?: Role | undefined
  readonly teams?: readonly string[] | undefined
  readonly isActive?: boolean | undefined
}

/** Whoever changes something: what they may, and who they are where they are a person. */
export interface Authority {
  readonly permissions: readonly Permission[]
  readonly user: UserId | null
}

/**
 * Whether somebody may give a role: nobody gives what they do not have. Throws an AppError.
 */
export function mayGiveRole(role: Role, by: Authority): void {
  const beyond = permissionsOfRole(role).filter((permission) => !by.permissions.includes(permission))
  if (beyond.length === 0) return
  const message = `You cannot give the role ${role}: it holds ${beyond.join(', ')}, which you do not have.`
  throw new AppError('forbidden', message, { reason: 'role_beyond_own', param: 'role' })
}

/**
 * Whether somebody may change this user in this way:
 * 1. Nobody touches a person who may more than they do.
 * 2. Nobody gives a role that holds more than they have.
 * 3. Nobody changes their own role, teams or whether they are active: a second pair of eyes has to see it.
 */
export function mayChangeUser(record: UserRecord, change: UserChange, by: Authority): void {
  // 1
  const more = permissionsOfRole(record.role).filter((permission) => !by.permissions.includes(permission))
  if (more.length > 0) {
    const message = `${record.username} is ${record.role} and may more than you: an administrator can change this user.`
    throw new AppError('forbidden', message, { reason: 'user_beyond_own' })
  }
  // 2
  if (change.role !== undefined) mayGiveRole(change.role, by)
  // 3
  const own = (['role', 'teams', 'isActive'] as const).find((name) => isOther(record[name], change[name]))
  if (by.user !== record.id || own === undefined) return
  const message = `You cannot change your own ${own}; another administrator, or an admin key, can.`
  throw new AppError('forbidden', message, { reason: 'own_role', param: own })
}

export function changed(record: UserRecord, change: UserChange, now: EpochMs): UserRecord {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  return { ...record, ...given, updatedAt: now }
}

/** The names of what differs, for the audit. */
export function differences(before: UserRecord, after: UserRecord): string {
  const names = ['email', 'firstName', 'lastName', 'organization', 'role', 'teams', 'isActive'] as const
  return names
    .filter((name) => isOther(before[name], after[name]))
    .map((name) => `${name} ${JSON.stringify(before[name])} → ${JSON.stringify(after[name])}`)
    .join(', ')
}

/** What the audit log keeps of a user. */
export function toAudit(record: UserRecord) {
  const { username, email, firstName, lastName, organization, role, teams, isActive } = record
  return { username, email, firstName, lastName, organization, role, teams, isActive }
}

export function toUserWire(record: UserRecord): UserViewWire {
  const { id, username, email, firstName, lastName, organization, role, teams, isActive } = record
  return {
    ...{ id, username, email, firstName, lastName, organization, role, teams: [...teams], isActive },
    hasPassword: record.passwordHash !== null,
    createdAt: iso(record.createdAt),
    updatedAt: iso(record.updatedAt),
    lastSignInAt: record.lastSignInAt === null ? null : iso(record.lastSignInAt),
  }
}

export function toNews({ id, username, role, isActive }: UserRecord): UserNewsWire {
  return { id, username, role, isActive }
}

export function toTeamWire(record: TeamRecord, members: number, keys: number): TeamViewWire {
  return { id: record.id, name: record.name, createdAt: iso(record.createdAt), members, keys }
}

function isOther(before: unknown, after: unknown): boolean {
  return after !== undefined && JSON.stringify(before) !== JSON.stringify(after)
}
