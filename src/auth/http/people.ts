import type { AnyRoute } from '#platform/http/route.ts'
import { route } from '#platform/http/route.ts'
import * as wire from '#protocol/admin/people.ts'
import { iso } from '../core/key.ts'
import type { TeamRecord } from '../core/user.ts'
import { toTeamWire, toUserWire } from '../core/user.ts'
import type { Entrance } from '../service/entrance.ts'
import type { Links, MadeLink } from '../service/links.ts'
import type { People } from '../service/people.ts'
import type { Teams } from '../service/teams.ts'

export interface PeopleParts {
  readonly people: People
  readonly teams: Teams
  readonly links: Links
  readonly entrance: Entrance
  readonly publicUrl: () => string
}

/** For administrators; what people may do for themselves is under `/auth`. */
export function peopleRoutes(parts: PeopleParts): readonly AnyRoute[] {
  return [...readingRoutes(parts), ...changingRoutes(parts), ...linkRoutes(parts), ...teamRoutes(parts)]
}

const ofUsers = { tag: 'people', scope: 'admin' } as const

function readingRoutes({ people }: PeopleParts): readonly AnyRoute[] {
  return [
    route({
      ...ofUsers,
      method: 'GET',
      path: '/api/users',
      summary: 'Everybody who may sign in, by user name',
      responses: { 200: wire.userList },
      handle: () => ({ data: people.list().map(toUserWire) }),
    }),
    route({
      ...ofUsers,
      method: 'GET',
      path: '/api/users/{id}',
      summary: 'One user, by id or user name',
      params: wire.userPath,
      responses: { 200: wire.userView },
      handle: ({ params }) => toUserWire(people.known(params.id)),
    }),
  ]
}

function changingRoutes({ people, links, entrance, publicUrl }: PeopleParts): readonly AnyRoute[] {
  return [
    route({
      ...ofUsers,
      method: 'POST',
      path: '/api/users',
      summary: 'Make a user; without a password the answer has a link with which the person chooses one',
      body: wire.newUser,
      status: 201,
      responses: { 201: wire.createdUser },
      async handle({ body, caller, from }) {
        const { password, ...wanted } = body
        const names = [wanted.username, wanted.email ?? null, wanted.firstName ?? null, wanted.lastName ?? null]
        const passwordHash = password === undefined ? null : await entrance.hashNew(password, names)
        const user = await people.create({ ...known(wanted), passwordHash }, { caller, from }, from)
        const link = password === undefined ? await links.forPassword(user.id, { caller, from }) : null
        return { ...toUserWire(user), passwordLink: link === null ? null : linkTo('password', link, publicUrl()) }
      },
    }),
    route({
      ...ofUsers,
      method: 'PATCH',
      path: '/api/users/{id}',
      summary: 'Change a user; `isActive: false` ends their keys, sign-ins and running requests at once',
      params: wire.userPath,
      body: wire.userChange,
      responses: { 200: wire.userView },
      handle: async ({ params, body, caller, from }) =>
        toUserWire(await people.change(params.id, body, { caller, from })),
    }),
    route({
      ...ofUsers,
      method: 'DELETE',
      path: '/api/users/{id}',
      summary: 'Remove a user: out at once, keys revoked, names forgotten',
      params: wire.userPath,
      responses: { 200: wire.userView },
      handle: async ({ params, caller, from }) => toUserWire(await people.remove(params.id, { caller, from })),
    }),
  ]
}

function linkRoutes({ links, publicUrl }: PeopleParts): readonly AnyRoute[] {
  return [
    route({
      ...ofUsers,
      method: 'POST',
      path: '/api/users/{id}/password-link',
      summary: 'Make a link with which this user chooses a new password; good once, for a day',
      params: wire.userPath,
      status: 201,
      responses: { 201: wire.passwordLink },
      handle: async ({ params, caller, from }) =>
        linkTo('password', await links.forPassword(params.id, { caller, from }), publicUrl()),
    }),
    route({
      ...ofUsers,
      method: 'POST',
      path: '/api/invitations',
      summary: 'Make a link with which somebody becomes a user; good once, for a week',
      body: wire.newInvitation,
      status: 201,
      responses: { 201: wire.invitationView },
      async handle({ body, caller, from }) {
        const link = linkTo('invitation', await links.forInvitation(body, { caller, from }), publicUrl())
        return { ...link, role: body.role, teams: body.teams }
      },
    }),
  ]
}

function teamRoutes({ teams, people }: PeopleParts): readonly AnyRoute[] {
  const view = (team: TeamRecord) => toTeamWire(team, teams.membersOf(team.id, people), teams.keysOf(team.id))
  return [
    route({
      ...ofUsers,
      method: 'GET',
      path: '/api/teams',
      summary: 'All teams, with how many people and keys they have',
      responses: { 200: wire.teamList },
      handle: () => ({ data: teams.list().map(view) }),
    }),
    route({
      ...ofUsers,
      method: 'POST',
      path: '/api/teams',
      summary: 'Make a team: what its people and keys use is counted together',
      body: wire.newTeam,
      status: 201,
      responses: { 201: wire.teamView },
      handle: async ({ body, caller, from }) =>
        view(await teams.create({ id: body.id, name: body.name ?? body.id }, { caller, from }, people)),
    }),
    route({
      ...ofUsers,
      method: 'PATCH',
      path: '/api/teams/{id}',
      summary: 'Rename a team; its id stays',
      params: wire.teamPath,
      body: wire.teamChange,
      responses: { 200: wire.teamView },
      handle: async ({ params, body, caller, from }) =>
        view(await teams.rename(params.id, body.name, { caller, from }, people)),
    }),
    route({
      ...ofUsers,
      method: 'DELETE',
      path: '/api/teams/{id}',
      summary: 'Remove a team that has no people and no keys that work',
      params: wire.teamPath,
      responses: { 200: wire.teamView },
      handle: async ({ params, caller, from }) => view(await teams.remove(params.id, { caller, from }, people)),
    }),
  ]
}

function linkTo(kind: 'password' | 'invitation', { token, expiresAt }: MadeLink, publicUrl: string): wire.LinkViewWire {
  return { url: `${publicUrl.replace(/\/+$/, '')}/#${kind}=${token}`, token, expiresAt: iso(expiresAt) }
}

/** Members that were not said are not there. */
function known(wanted: Omit<wire.NewUserWire, 'password'>) {
  const { username, role, teams, email = null, firstName = null, lastName = null, organization = null } = wanted
  return { username, role, teams, email, firstName, lastName, organization }
}
