import { afterAll } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Auth, AuthEvent, AuthSettings } from '../../src/auth/index.ts'
import { openAuth } from '../../src/auth/index.ts'
import type { WantedKey } from '../../src/auth/core/key.ts'
import type { Clock } from '../../src/kernel/time.ts'
import type { Caller } from '../../src/kernel/words.ts'
import { silentLogger } from '../../src/platform/log/logger.ts'
import type { Database } from '../../src/platform/db/database.ts'
import type { DatabaseEngine } from './databases.ts'

export const start = Date.parse('2030-01-01T00:00:00Z')

const homes: string[] = []
afterAll(() => {
  for (const home of homes) rmSync(home, { recursive: true, force: true })
})

type Changeable<T> = { -readonly [Member in keyof T]: T[Member] }

/** A Hearth's auth on a database of its own, with a clock that is moved by hand. Opening it again is a restart. */
export async function createHouse(engine: DatabaseEngine) {
  const scratch = await engine.scratch()
  const clock: Clock & { at: number } = { at: start, now: () => clock.at, mono: () => clock.at }
  const events: AuthEvent[] = []
  const home = mkdtempSync(join(tmpdir(), 'hearth-test-auth-'))
  homes.push(home)
  const settings: Changeable<AuthSettings> = {
    registration: 'invite',
    accessTokenMs: 3_600_000,
    refreshTokenMs: 604_800_000,
  }
  let database: Database | null = null
  const open = async (adminKey: string | null = null): Promise<Auth> => {
    database = await scratch.open()
    return openAuth({
      database,
      clock,
      log: silentLogger,
      announce: (event) => void events.push(event),
      adminKey,
      home,
      settings: () => settings,
      publicUrl: () => 'http://127.0.0.1:9999',
    })
  }
  /** From here on every statement of the auth that was opened last fails. */
  const takeDatabaseAway = async () => database?.close()
  return { clock, events, settings, home, open, takeDatabaseAway }
}

export const ask = (auth: Auth, key: string) =>
  auth.door.identify({ headers: new Headers({ authorization: `Bearer ${key}` }) })

export const idOf = (key: string) => key.slice(3, 15)

export function callerOf(auth: Auth, key: string): Caller {
  const identity = ask(auth, key)
  if (!identity.ok) throw new Error(identity.message)
  return identity.caller
}

export const byOwner = (auth: Auth) => ({ caller: auth.door.localAdmin, from: 'local' })

export const make = (auth: Auth, wanted: Partial<WantedKey> = {}) =>
  auth.keys.create({ name: 'test', ...wanted }, byOwner(auth))
