/** A house that cannot start says in one sentence why and what to do, and ends with 1 within seconds. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type House, startHouse } from '../env/house.ts'

let folder: string
let other: House
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearth-test-start-'))
  other = await startHouse()
}, 60_000)
afterAll(async () => {
  await other[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

interface BadStart {
  readonly name: string
  readonly env?: () => Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
  readonly home?: () => string
  readonly says: readonly string[]
}

const starts: readonly BadStart[] = [
  {
    name: 'a port that is taken',
    env: () => ({ HEARTH_PORT: new URL(other.url).port }),
    says: ['is taken', 'HEARTH_PORT'],
  },
  {
    name: 'a home that another Hearth lives in',
    home: () => other.home,
    says: ['A Hearth already runs here: process', 'HEARTH_HOME of its own'],
  },
  {
    name: 'a home that is a file',
    env: () => ({ HEARTH_HOME: join(import.meta.dir, 'bad-start.test.ts') }),
    says: ['bad-start.test.ts: there is a file in its place', 'HEARTH_HOME'],
  },
  {
    name: 'a database that is none',
    files: { 'hearth.db': 'This is no database, whatever its name says. '.repeat(100) },
    says: ['hearth.db cannot be opened: file is not a database'],
  },
  {
    name: 'a configuration that is no YAML',
    files: { 'hearth.yaml': 'server:\n  port: 1\n host: [x\n' },
    says: ['hearth.yaml is refused:\nline 3: '],
  },
  {
    name: 'a configuration with problems',
    files: { 'hearth.yaml': 'server: { prot: 1 }\n' },
    says: ['hearth.yaml is refused:\nline 1: server.prot is not a setting. Did you mean port?'],
  },
  {
    name: 'an admin key of another form',
    env: () => ({ HEARTH_ADMIN_KEY: 'secret-of-mine' }),
    says: ['HEARTH_ADMIN_KEY does not have the form of a key', 'openssl rand'],
  },
  {
    name: 'a PostgreSQL that does not answer',
    env: () => ({ HEARTH_DATABASE_URL: 'postgres://u:secret-of-mine@127.0.0.1:9/hearth' }),
    says: ['PostgreSQL at 127.0.0.1:9/hearth cannot be used', 'Check HEARTH_DATABASE_URL'],
  },
]

test.each(starts)(
  '$name',
  async ({ env, files, home, says }) => {
    const own = home?.() ?? (await mkdtemp(join(folder, 'home-')))
    mkdirSync(own, { recursive: true })
    for (const [name, content] of Object.entries(files ?? {})) writeFileSync(join(own, name), content)
    const failure = await startHouse({ home: own, env: env?.() ?? {} }).then(
      () => 'It started.',
      (thrown: unknown) => String(thrown),
    )
    expect(failure).toContain('ended at its start with exit code 1')
    for (const text of says) expect(failure).toContain(text)
    expect(failure).not.toMatch(/\n\s+at /)
    expect(failure).not.toContain('secret-of-mine')
  },
  15_000,
)
