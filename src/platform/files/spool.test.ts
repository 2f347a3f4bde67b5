import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SpoolRoom, type Spool } from './spool.ts'

const folder = mkdtempSync(join(tmpdir(), 'hearth-spool-'))
afterAll(() => rmSync(folder, { recursive: true }))

const openRoom = (limits = { memoryBytes: 4, diskBytes: 100 }) => new SpoolRoom({ folder, limits: () => limits })
const bytesOf = (text: string) => new TextEncoder().encode(text)

async function textOf(spool: Spool, ...rest: Parameters<Spool['read']>): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of spool.read(...rest)) pieces.push(piece.slice())
  return Buffer.concat(pieces).toString()
}

async function filled(room: SpoolRoom, ...chunks: readonly string[]): Promise<Spool> {
  const spool = room.begin()
  for (const chunk of chunks) await spool.write(bytesOf(chunk))
  return spool
}

describe('a spooled body', () => {
  test.each([[['ab']], [['ab', 'cd']], [['ab', 'cde', 'f']], [['abcdefgh']], [['', 'abcd', '', 'e']]])(
    'of the chunks %j is read as it was written, twice',
    async (chunks) => {
      await using spool = await filled(openRoom(), ...chunks)
      expect([await textOf(spool), await textOf(spool), spool.length]).toEqual([
        chunks.join(''),
        chunks.join(''),
        chunks.join('').length,
      ])
    },
  )

  test('takes edits anywhere, also across memory and file', async () => {
    await using spool = await filled(openRoom(), 'abc', 'defgh')
    for (let start = 0; start <= 8; start++) {
      for (let end = start; end <= 8; end++) {
        const whole = `${'abcdefgh'.slice(0, start)}-${'abcdefgh'.slice(end)}`
        expect(await textOf(spool, [{ start, end, bytes: bytesOf('-') }])).toBe(whole)
      }
    }
  })

  test('gives its disk back, leaves no file and counts for all', async () => {
    const room = openRoom()
    const first = await filled(room, 'x'.repeat(60))
    expect([room.diskBytes, readdirSync(folder)]).toEqual([60, []])
    const second = room.begin()
    expect(second.write(bytesOf('x'.repeat(60)))).rejects.toThrow('Uploads that are on their way fill the 100 B')
    await first[Symbol.asyncDispose]()
    await first[Symbol.asyncDispose]()
    await second[Symbol.asyncDispose]()
    expect(room.diskBytes).toBe(0)
  })

  test('that is given up while it is read ends the reading', async () => {
    const spool = await filled(openRoom({ memoryBytes: 0, diskBytes: 1e6 }), 'x'.repeat(600_000))
    const reading = spool.read()
    expect((await reading.next()).done).toBe(false)
    await spool[Symbol.asyncDispose]()
    expect(reading.next()).rejects.toThrow('given up')
  })
})
