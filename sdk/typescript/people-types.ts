import type { Scope } from './types.ts'

/** From the one that may most to the one that may least. */
export type Role = 'admin' | 'developer' | 'user' | 'viewer'

export type Permission =
  | 'user.create'
  | 'user.read'
  | 'user.update'
  | 'user.delete'
  | 'model.inference'
  | 'model.list'
  | 'model.manage'
  | 'api_key.create'
  | 'api_key.read'
  | 'api_key.revoke'
  | 'system.monitor'
  | 'system.admin'

export interface UserView {
  readonly id: string
  readonly username: string
  readonly email: string | null
  readonly firstName: string | null
  readonly lastName: string | null
  readonly organization: string | null
  readonly role: Role
  /** The first one is counted for what this person asks without a key. */
  readonly teams: readonly string[]
  readonly isActive: boolean
  readonly hasPassword: boolean
  readonly createdAt: string
  readonly updatedAt: string
  readonly lastSignInAt: string | null
}

/** Works once. */
export interface AccountLink {
  readonly url: string
  readonly token: string
  readonly expiresAt: string
}

export interface CreatedUser extends UserView {
  /** With which the person chooses a password; null where one was given. */
  readonly passwordLink: AccountLink | null
}

export interface OwnProfile {
  readonly email?: string | null
  readonly firstName?: string | null
  readonly lastName?: string | null
  readonly organization?: string | null
}

export interface NewUser extends OwnProfile {
  readonly username: string
  readonly role?: Role
  readonly teams?: readonly string[]
  readonly password?: string
}

export interface UserChange extends OwnProfile {
  readonly role?: Role
  readonly teams?: readonly string[]
  /** false ends keys, sign-ins and running requests at once. */
  readonly isActive?: boolean
}

export interface TeamView {
  readonly id: string
  readonly name: string
  readonly createdAt: string
  readonly members: number
  /** That work. */
  readonly keys: number
}

export interface Invitation extends AccountLink {
  readonly role: Role
  readonly teams: readonly string[]
}

export interface Registration extends OwnProfile {
  readonly username: string
  readonly password: string
  /** Needed where the house wants one. */
  readonly invitation?: string
}

export interface Tokens {
  readonly access_token: string
  readonly token_type: 'Bearer'
  readonly expires_in: number
  /** Good once, for a new pair. */
  readonly refresh_token: string
  readonly refresh_expires_in: number
  readonly user: UserView
}

export interface Me {
  /** null: a key that belongs to nobody, or the owner of the machine. */
  readonly user: UserView | null
  readonly key: string
  readonly scopes: readonly Scope[]
  readonly permissions: readonly Permission[]
  readonly by: 'key' | 'session' | 'token' | 'local'
}
