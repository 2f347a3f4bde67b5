import { AppError } from '#kernel/errors.ts'
import type { Caller, Owner, Scope } from '#kernel/words.ts'
import type { WantedKey } from '../core/key.ts'
import type { UserRecord } from '../core/user.ts'
import { ownerBeyondOwn, weightBeyondOwn } from '../errors.ts'
import type { Owners } from './keys.ts'
import type { People } from './people.ts'

/**
 * Whose keys are whose:
 * 1. An administrator gives a key to anybody, to a team, or to the house.
 * 2. Everybody else makes keys for themselves, counted for a team of theirs or for none.
 * 3. No key is given more than its owner's role holds; what the role loses, the key loses with it.
 */
export function createKeyOwners(people: People): Owners {
  return {
    isActive: (user) => people.get(user)?.isActive ?? false,
    mayKeep(owner, by) {
      const person = people.personOf(by)
      return by.may('admin') || (person !== null && owner?.user === person.id)
    },
    ownerFor(wanted, scopes, by) {
      const owner = by.may('admin') ? ofAdmin(wanted, by) : ofPerson(wanted, by)
      if (owner === null || (owner.user === null && owner.team === null)) return null
      people.checkOwner(owner)
      const { user } = owner
      if (user !== null) refuseBeyond(user, scopes)
      return owner
    },
  }

  function ofAdmin({ owner }: WantedKey, by: Caller): Owner | null {
    const person = people.personOf(by)
    if (owner === undefined) return person === null ? null : { user: person.id, team: person.teams[0] ?? null }
    if (owner === null) return null
    return { user: owner.user == null ? null : people.known(owner.user).id, team: owner.team ?? null }
  }

  function ofPerson({ owner, limits }: WantedKey, by: Caller): Owner {
    const person = people.personOf(by)
    if (person === null || owner === null) throw ownerBeyondOwn('the house')
    if (limits?.weight != null) throw weightBeyondOwn()
    if (owner === undefined) return { user: person.id, team: person.teams[0] ?? null }
    if (owner.user !== undefined && !isSame(owner.user, person)) throw ownerBeyondOwn('somebody else')
    const team = owner.team ?? null
    if (team !== null && !person.teams.includes(team)) throw ownerBeyondOwn(`the team ${team}`)
    return { user: person.id, team }
  }

  function refuseBeyond(user: string, scopes: readonly Scope[]): void {
    const beyond = scopes.filter((scope) => !people.has(user, scope))
    if (beyond.length === 0) return
    const message = `The role of its owner does not hold ${beyond.join(', ')}; the key would not either.`
    throw new AppError('forbidden', message, { reason: 'scope_beyond_owner', param: 'scopes' })
  }
}

const isSame = (wanted: string | null, person: UserRecord): boolean =>
  wanted === person.id || wanted === person.username
