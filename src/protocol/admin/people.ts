import { z } from 'zod'
import { permissions, roles } from '#kernel/permissions.ts'
import { nearestNames } from '#kernel/nearest.ts'
import { scopes } from '#kernel/words.ts'

/**
 * Shapes of `/api/users`, `/api/teams`, `/api/invitations` and `/auth/…`. Times are ISO 8601 texts. What carries tokens
 * has the member names of OAuth.
 */

const limits = { name: 100, email: 254, password: 1024, teams: 20, token: 2048 } as const

export const roleWord = z.enum(roles, {
  error: (issue) => {
    const near = nearestNames(String(issue.input).slice(0, 40), roles)
    const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : `there are ${roles.join(', ')}`
    return `there is no role ${show(issue.input)}; ${hint}`
  },
})

const usernameForm = 'must be 2 to 40 of a-z, 0-9, dot, dash and underscore, and begin with a letter or digit'
const username = z
  .string({ error: usernameForm })
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._-]{1,39}$/, { error: (issue) => `${usernameForm}; it is ${show(issue.input)}` })
const email = z
  .string({ error: 'must be an e-mail address, or null' })
  .trim()
  .toLowerCase()
  .max(limits.email, { error: `is longer than ${limits.email} characters` })
  .regex(/^[^\s@<>"(),;:\\[\]]+@[^\s@<>"(),;:\\[\]]+$/, {
    error: (issue) => `must be an e-mail address; it is ${show(issue.input)}`,
  })
  .nullable()
const nameText = z
  .string({ error: 'must be a text, or null' })
  .trim()
  .max(limits.name, { error: `is longer than ${limits.name} characters` })
  .regex(/^[^\p{Cc}]*$/u, { error: 'holds control characters' })
  .nullable()
/** How long it has to be is told by the house, in one place. */
const password = z
  .string({ error: 'a password is needed' })
  .max(limits.password, { error: `is longer than ${limits.password} characters` })

const teamForm = 'must be 1 to 40 of a-z, 0-9 and dash, and begin with a letter or digit'
export const teamId = z
  .string({ error: teamForm })
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, { error: (issue) => `${teamForm}; it is ${show(issue.input)}` })
const teams = z
  .array(teamId, { error: 'must be a list of team ids' })
  .max(limits.teams, { error: `more than ${limits.teams} teams` })

const profile = {
  email: email.optional(),
  firstName: nameText.optional(),
  lastName: nameText.optional(),
  organization: nameText.optional(),
}

export const userView = z.object({
  id: z.string(),
  username: z.string(),
  email: z.string().nullable(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  organization: z.string().nullable(),
  role: z.enum(roles),
  teams: z.array(z.string()).describe('The first one is counted for what this person asks without a key.'),
  isActive: z.boolean(),
  hasPassword: z.boolean(),
  createdAt: z.string(),
  updatedAt: z.string(),
  lastSignInAt: z.string().nullable(),
})
export type UserViewWire = z.infer<typeof userView>

/** What whoever may watch the house sees of people: no addresses and names. */
const userNews = userView.pick({ id: true, username: true, role: true, isActive: true })
export type UserNewsWire = z.infer<typeof userNews>

export const userList = z.object({ data: z.array(userView) })
export const userPath = z.object({ id: z.string().describe('A user’s id, or the user name.') })

/** Without a password the answer has a link with which the person chooses one. */
export const newUser = z.strictObject({
  username,
  ...profile,
  role: roleWord.default('user'),
  teams: teams.default([]),
  password: password.optional(),
})
export type NewUserWire = z.infer<typeof newUser>

export const userChange = z.strictObject({
  ...profile,
  role: roleWord.optional(),
  teams: teams.optional(),
  isActive: z.boolean({ error: 'must be true or false' }).optional(),
})
/** What people may change of themselves. */
export const ownChange = z.strictObject(profile)

/** Works once; null where a password was given. */
const linkView = z.object({ url: z.string(), token: z.string(), expiresAt: z.string() })
export type LinkViewWire = z.infer<typeof linkView>
export const passwordLink = linkView
export const createdUser = userView.extend({ passwordLink: linkView.nullable() })

export const newInvitation = z.strictObject({ role: roleWord.default('user'), teams: teams.default([]) })
export const invitationView = linkView.extend({ role: z.enum(roles), teams: z.array(z.string()) })

export const teamView = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.string(),
  members: z.int(),
  keys: z.int(),
})
export type TeamViewWire = z.infer<typeof teamView>
export const teamList = z.object({ data: z.array(teamView) })
export const teamPath = z.object({ id: z.string() })
const teamName = z
  .string({ error: 'a name is needed' })
  .trim()
  .min(1, { error: 'a name is needed' })
  .max(limits.name, { error: `the name is longer than ${limits.name} characters` })
  .regex(/^[^\p{Cc}]*$/u, { error: 'the name holds control characters' })
export const newTeam = z.strictObject({ id: teamId, name: teamName.optional() })
export const teamChange = z.strictObject({ name: teamName })

export const registration = z.strictObject({
  username,
  ...profile,
  password,
  invitation: z.string().max(200).optional().describe('What an administrator sent; needed where one is wanted.'),
})
export type RegistrationWire = z.infer<typeof registration>
export const registered = z.object({ user: userView })

/** `username` may be an e-mail address; one of the two. */
export const login = z.strictObject({
  username: z.string().max(limits.email).optional(),
  email: z.string().max(limits.email).optional(),
  password,
})
export const tokens = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.int().describe('Seconds for which the access token is taken.'),
  refresh_token: z.string().describe('Good once, for a new pair.'),
  refresh_expires_in: z.int(),
  user: userView,
})
export type TokensWire = z.infer<typeof tokens>
const token = z.string({ error: 'a token is needed' }).min(1, { error: 'a token is needed' }).max(limits.token)
export const refreshing = z.strictObject({ refresh_token: token })
export const revoking = z.strictObject({ token })
export const revoked = z.object({ revoked: z.literal(true) })

export const passwordChange = z.strictObject({ current: password, password })
export const passwordReset = z.strictObject({ token, password })
export const passwordSet = z.object({ username: z.string() })

export const me = z.object({
  user: userView.nullable().describe('null: a key that belongs to nobody, or the owner of the machine.'),
  key: z.string(),
  scopes: z.array(z.enum(scopes)),
  permissions: z.array(z.enum(permissions)),
  by: z.enum(['key', 'session', 'token', 'local']),
})

export const jwks = z.object({
  keys: z.array(
    z.object({
      kty: z.literal('OKP'),
      crv: z.literal('Ed25519'),
      alg: z.literal('EdDSA'),
      use: z.literal('sig'),
      kid: z.string(),
      x: z.string(),
    }),
  ),
})
export const tokenKeyRotation = z.strictObject({
  keepMinutes: z
    .int({ error: (issue) => `must be a whole number of minutes; it is ${show(issue.input)}` })
    .min(0)
    .max(24 * 60)
    .default(60)
    .describe('How long tokens of the key of before are still taken; 0 refuses them at once.'),
})
export const tokenKey = z.object({ kid: z.string() })

function show(input: unknown): string {
  return typeof input === 'string' ? `“${input.slice(0, 40)}”` : String(JSON.stringify(input)).slice(0, 40)
}
