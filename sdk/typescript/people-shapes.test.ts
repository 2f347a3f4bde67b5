import { expect, test } from 'bun:test'
import type { z } from 'zod'
import type * as house from '../../src/protocol/admin/people.ts'
import type * as sdk from './people-types.ts'

/** The house's shape as it arrives: everything readonly, at every depth. */
type Deep<T> = T extends readonly (infer Item)[]
  ? readonly Deep<Item>[]
  : T extends object
    ? { readonly [Member in keyof T]: Deep<T[Member]> }
    : T
/** Same members, and each side takes the other's values. */
type Same<House, Client> = [keyof House, keyof Client, Deep<House>, Client] extends [
  keyof Client,
  keyof House,
  Client,
  Deep<House>,
]
  ? true
  : false
type Given<Query> = { readonly [Member in keyof Query]-?: NonNullable<Query[Member]> }

/** A line stops compiling when the house and its client drift apart; `npm run check` tells. */
const shapes: readonly true[] = [
  true satisfies Same<z.infer<typeof house.userView>, sdk.UserView>,
  true satisfies Same<z.infer<typeof house.createdUser>, sdk.CreatedUser>,
  true satisfies Same<z.infer<typeof house.teamView>, sdk.TeamView>,
  true satisfies Same<z.infer<typeof house.invitationView>, sdk.Invitation>,
  true satisfies Same<z.infer<typeof house.tokens>, sdk.Tokens>,
  true satisfies Same<z.infer<typeof house.me>, sdk.Me>,
  true satisfies Same<Given<z.infer<typeof house.newUser>>, Given<sdk.NewUser>>,
  true satisfies Same<Given<z.infer<typeof house.userChange>>, Given<sdk.UserChange>>,
  true satisfies Same<Given<z.infer<typeof house.registration>>, Given<sdk.Registration>>,
]

test('the client’s shapes of people are the house’s', () => {
  expect(shapes.every(Boolean)).toBe(true)
})
