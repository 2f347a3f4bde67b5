import type { Clock } from '#kernel/time.ts'
import { isUniqueViolation } from '#platform/db/errors.ts'
import type { TeamRecord } from '../core/user.ts'
import { teamInUse, teamTaken, tooManyTeams, unknownTeam } from '../errors.ts'
import type { TeamStore } from '../ports.ts'
import type { Actor } from './keys.ts'
import { createLane } from './lane.ts'
import type { People } from './people.ts'

const maxTeams = 1000

export interface TeamsOptions {
  readonly store: TeamStore
  readonly clock: Clock
  /** Keys that work and are counted for a team. */
  readonly keysOf: (team: string) => number
}

/** Whom work is counted for together; a team has no powers of its own. */
export class Teams {
  readonly #options: TeamsOptions
  readonly #inOrder = createLane()
  readonly #teams = new Map<string, TeamRecord>()

  constructor(options: TeamsOptions) {
    this.#options = options
  }

  async load(): Promise<void> {
    for (const record of await this.#options.store.all()) this.#teams.set(record.id, record)
  }

  has(id: string): boolean {
    return this.#teams.has(id)
  }

  get(id: string): TeamRecord | null {
    return this.#teams.get(id) ?? null
  }

  list(): readonly TeamRecord[] {
    return [...this.#teams.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  membersOf(id: string, people: People): number {
    return people.list().filter((user) => user.teams.includes(id)).length
  }

  keysOf(id: string): number {
    return this.#options.keysOf(id)
  }

  create(wanted: { readonly id: string; readonly name: string }, by: Actor, people: People): Promise<TeamRecord> {
    return this.#inOrder(async () => {
      const { store, clock } = this.#options
      if (this.#teams.size >= maxTeams) throw tooManyTeams(maxTeams)
      if (this.#teams.has(wanted.id)) throw teamTaken(wanted.id)
      const record = { ...wanted, createdAt: clock.now() }
      await store.insert(record).catch((thrown: unknown) => {
        throw isUniqueViolation(thrown) ? teamTaken(wanted.id) : thrown
      })
      this.#teams.set(record.id, record)
      await people.write({ ...told(by), action: 'team.create', target: record.id, detail: `“${record.name}”` })
      return record
    })
  }

  rename(id: string, name: string, by: Actor, people: People): Promise<TeamRecord> {
    return this.#inOrder(async () => {
      const before = this.#known(id)
      await this.#options.store.rename(id, name)
      const record = { ...before, name }
      this.#teams.set(id, record)
      const detail = `name “${before.name}” → “${name}”`
      const values = { before: { name: before.name }, after: { name } }
      await people.write({ ...told(by), action: 'team.update', target: id, detail, ...values })
      return record
    })
  }

  /** Only without members and keys: what they spend would otherwise be counted for nobody. */
  remove(id: string, by: Actor, people: People): Promise<TeamRecord> {
    return this.#inOrder(async () => {
      const record = this.#known(id)
      const members = this.membersOf(id, people)
      const keys = this.keysOf(id)
      if (members > 0 || keys > 0) throw teamInUse(id, members, keys)
      await this.#options.store.remove(id)
      this.#teams.delete(id)
      await people.write({ ...told(by), action: 'team.delete', target: id, detail: `“${record.name}”` })
      return record
    })
  }

  #known(id: string): TeamRecord {
    const record = this.#teams.get(id)
    if (record === undefined) throw unknownTeam(id)
    return record
  }
}

const told = (by: Actor) => ({ who: by.caller.key, from: by.from })
