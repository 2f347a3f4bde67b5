import { afterAll, describe, expect, test } from 'bun:test'
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FoundKey } from '../ports.ts'
import { createInstanceKey } from './instance-key.ts'

const folders: string[] = []
const newHome = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-test-key-'))
  folders.push(folder)
  return folder
}
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

const hex = (found: FoundKey): string => (found.kind === 'key' ? Buffer.from(found.key).toString('hex') : found.why)
const read = (home: string, mayMake = true): Promise<FoundKey> =>
  createInstanceKey({ given: null, home }).read({ mayMake })

describe('the key of the house', () => {
  test('is made once, for its owner alone, and is the same afterwards', async () => {
    const home = newHome()
    const found = await Promise.all([read(home), read(home), read(home)])
    expect(hex(found[0])).toMatch(/^[0-9a-f]{64}$/)
    expect(new Set(found.map(hex)).size).toBe(1)
    expect(hex(await read(home, false))).toBe(hex(found[0]))
    expect(statSync(join(home, 'privacy.key')).mode & 0o777).toBe(0o600)
    expect(readdirSync(home)).toEqual(['privacy.key'])
    expect(readFileSync(join(home, 'privacy.key')).toString('hex')).toBe(hex(found[0]))
  })

  test('is not made anew where something was sealed with another one', async () => {
    const home = newHome()
    expect(await read(home, false)).toEqual({ kind: 'locked', why: expect.stringContaining('is missing. Put it back') })
    expect(readdirSync(home)).toEqual([])
  })

  test.each([0o640, 0o604, 0o620])('is not used with the mode %o', async (mode) => {
    const home = newHome()
    await read(home)
    const path = join(home, 'privacy.key')
    chmodSync(path, mode)
    expect(hex(await read(home))).toContain(`mode ${mode.toString(8)}`)
    expect(hex(await read(home))).toContain(`chmod 600 ${path}`)
    chmodSync(path, 0o400)
    expect((await read(home)).kind).toBe('key')
  })

  test('is not used when it is cut, or a link', async () => {
    const home = newHome()
    writeFileSync(join(home, 'privacy.key'), 'short', { mode: 0o600 })
    expect(hex(await read(home))).toContain('has 5 bytes instead of 32')
    const other = newHome()
    symlinkSync(join(home, 'privacy.key'), join(other, 'privacy.key'))
    expect(hex(await read(other))).toContain('is a link')
  })

  test('locks where it cannot be written', async () => {
    expect(hex(await read(join(newHome(), 'missing')))).toContain('cannot be written')
  })

  const bytes = Buffer.from('11'.repeat(31) + 'fe', 'hex')
  test.each([
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    bytes.toString('base64'),
    bytes.toString('base64url'),
  ])('comes from the environment as %p, and then there is no file', async (given) => {
    const home = newHome()
    expect(hex(await createInstanceKey({ given, home }).read({ mayMake: true }))).toBe(bytes.toString('hex'))
    expect(readdirSync(home)).toEqual([])
  })

  test.each(['very-secret', '11'.repeat(31), '11'.repeat(33), `${bytes.toString('base64')}AAAA`])(
    '%p of the environment is refused without repeating it',
    async (given) => {
      const read = createInstanceKey({ given, home: newHome() }).read({ mayMake: true })
      const thrown = await read.catch((error: unknown) => error)
      expect(thrown).toMatchObject({ kind: 'invalid', reason: 'bad_privacy_key' })
      expect(String(thrown)).not.toContain(given)
    },
  )
})
