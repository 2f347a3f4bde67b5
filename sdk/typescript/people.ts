import type {
  AccountLink,
  CreatedUser,
  Invitation,
  Me,
  NewUser,
  OwnProfile,
  Registration,
  Role,
  TeamView,
  Tokens,
  UserChange,
  UserView,
} from './people-types.ts'
import type { List } from './types.ts'
import { pathOf } from './wire.ts'
import type { CallOptions, Wire } from './wire.ts'

/** For administrators. A user is named by id or user name. */
export interface Users {
  list(options?: CallOptions): Promise<List<UserView>>
  get(user: string, options?: CallOptions): Promise<UserView>
  create(user: NewUser, options?: CallOptions): Promise<CreatedUser>
  change(user: string, change: UserChange, options?: CallOptions): Promise<UserView>
  /** Out at once, keys revoked, names forgotten. */
  remove(user: string, options?: CallOptions): Promise<UserView>
  /** A link with which the user chooses a new password. */
  passwordLink(user: string, options?: CallOptions): Promise<AccountLink>
  invite(
    grant?: { readonly role?: Role; readonly teams?: readonly string[] },
    options?: CallOptions,
  ): Promise<Invitation>
}

export interface Teams {
  list(options?: CallOptions): Promise<List<TeamView>>
  create(team: { readonly id: string; readonly name?: string }, options?: CallOptions): Promise<TeamView>
  rename(id: string, name: string, options?: CallOptions): Promise<TeamView>
  remove(id: string, options?: CallOptions): Promise<TeamView>
}

/** What people do for themselves. An access token is given to `new Hearth({ key })` as a key is. */
export interface Account {
  register(account: Registration, options?: CallOptions): Promise<{ readonly user: UserView }>
  login(who: { readonly username: string; readonly password: string }, options?: CallOptions): Promise<Tokens>
  /** The token that is given is spent, also when the answer is lost. */
  refresh(refreshToken: string, options?: CallOptions): Promise<Tokens>
  /** Ends the sign-in of an access or refresh token. */
  revoke(token: string, options?: CallOptions): Promise<void>
  me(options?: CallOptions): Promise<Me>
  changeProfile(profile: OwnProfile, options?: CallOptions): Promise<UserView>
  /** Every other sign-in of this person ends. */
  changePassword(
    change: { readonly current: string; readonly password: string },
    options?: CallOptions,
  ): Promise<{ readonly username: string }>
  /** With the text of an administrator's link. */
  choosePassword(
    choice: { readonly token: string; readonly password: string },
    options?: CallOptions,
  ): Promise<{ readonly username: string }>
}

export function createUsers(wire: Wire): Users {
  const path = (user: string): string => pathOf`/api/users/${user}`
  return {
    list: (options) => wire.json('GET', '/api/users', options),
    get: (user, options) => wire.json('GET', path(user), options),
    create: (user, options) => wire.json('POST', '/api/users', { ...options, body: user }),
    change: (user, change, options) => wire.json('PATCH', path(user), { ...options, body: change }),
    remove: (user, options) => wire.json('DELETE', path(user), options),
    passwordLink: (user, options) => wire.json('POST', `${path(user)}/password-link`, options),
    invite: (grant = {}, options) => wire.json('POST', '/api/invitations', { ...options, body: grant }),
  }
}

export function createTeams(wire: Wire): Teams {
  return {
    list: (options) => wire.json('GET', '/api/teams', options),
    create: (team, options) => wire.json('POST', '/api/teams', { ...options, body: team }),
    rename: (id, name, options) => wire.json('PATCH', pathOf`/api/teams/${id}`, { ...options, body: { name } }),
    remove: (id, options) => wire.json('DELETE', pathOf`/api/teams/${id}`, options),
  }
}

export function createAccount(wire: Wire): Account {
  return {
    register: (account, options) => wire.json('POST', '/auth/register', { ...options, body: account }),
    login: (who, options) => wire.json('POST', '/auth/login', { ...options, body: who }),
    refresh: (refreshToken, options) =>
      wire.json('POST', '/auth/refresh', { ...options, body: { refresh_token: refreshToken } }),
    revoke: async (token, options) => {
      await wire.text('POST', '/auth/revoke', { ...options, body: { token } })
    },
    me: (options) => wire.json('GET', '/auth/me', options),
    changeProfile: (profile, options) => wire.json('PATCH', '/auth/me', { ...options, body: profile }),
    changePassword: (change, options) => wire.json('PUT', '/auth/password', { ...options, body: change }),
    choosePassword: (choice, options) => wire.json('POST', '/auth/password/reset', { ...options, body: choice }),
  }
}
