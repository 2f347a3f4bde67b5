/** The commands of privacy, in a process of their own, against the real routes over a small house. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LeakReport } from '../src/protocol/admin/privacy.ts'
import { keyId, requestId } from '../src/kernel/ids.ts'
import { listen, type Listener } from '../src/platform/http/listener.ts'
import { silentLogger } from '../src/platform/log/logger.ts'
import { runCli, type Ran } from '../test/fakes/cli-process.ts'
import { createSmallPrivacyHouse } from '../test/fakes/small-privacy-house.ts'

const home = mkdtempSync(join(tmpdir(), 'hearth-cli-privacy-'))
const report: LeakReport = {
  seed: 7,
  cases: 20,
  passed: false,
  startedAt: '2030-01-01T00:00:00.000Z',
  durationMs: 1500,
  policy: { name: 'default', version: '0123456789ab' },
  byType: { EMAIL: 12, PERSON: 8 },
  byCarrier: { 'chat.content': 20 },
  byMutation: { plain: 20 },
  sent: 18,
  refused: 2,
  restored: 18,
  claimed: [{ type: 'EMAIL', carrier: 'chat.content', mutation: 'percent', cases: 1 }],
  listed: [{ type: 'PERSON', carrier: 'chat.user', mutation: 'reversed', cases: 3 }],
  digest: 'abc',
}
const departure = {
  id: 'dep_1',
  at: Date.parse('2030-01-01T00:00:00Z'),
  request: requestId('req_1'),
  owner: keyId('ada'),
  destination: 'vendor',
  path: '/chat/completions',
  bytes: 2048,
  data: ['text'],
  policy: 'default',
  verdict: 'refused',
  reason: 'leak_blocked',
  counts: { EMAIL: 2, PERSON: 1 },
} as const

let house: ReturnType<typeof createSmallPrivacyHouse>
let listener: Listener

beforeAll(() => {
  house = createSmallPrivacyHouse({ departures: [departure], report })
  const at = { socket: join(home, 'hearth.sock') }
  listener = listen({ at, handler: house.handler, log: silentLogger, idleSeconds: 30 })
})
afterAll(async () => {
  await listener.cut()
  rmSync(home, { recursive: true, force: true })
})

const hearth = (args: readonly string[], input?: string): Promise<Ran> =>
  runCli(args, { env: { HEARTH_HOME: home }, ...(input === undefined ? {} : { input }) })
const file = async (name: string, content: string): Promise<string> => {
  const path = join(home, name)
  await Bun.write(path, content)
  return path
}

describe('a text', () => {
  test('goes scrubbed to stdout and comes back whole; the map is told on stderr', async () => {
    const text = 'Dear Ann Lee,\nwrite to ann@example.org'
    const scrubbed = await hearth(['scrub', '-'], text)
    expect(scrubbed).toMatchObject({ code: 0, out: 'Dear [PERSON_1B0B],\nwrite to [EMAIL_1B1B]' })
    expect(scrubbed.err).toContain('1 EMAIL, 1 PERSON replaced')
    expect(scrubbed.err).toContain('only those that the house knows')
    expect(scrubbed.err).toContain('not anonymisation')
    expect(scrubbed.err).not.toContain('ann@example.org')
    const [, map = ''] = /map (m_\w+)/.exec(scrubbed.err) ?? []
    const back = await hearth(['rehydrate', '--map', map, await file('answer.txt', scrubbed.out)])
    expect(back).toEqual({ code: 0, out: text, err: '2 put back\n' })
  })

  test('is explained, hidden, refused and told as JSON', async () => {
    const path = await file('letter.txt', 'ann@example.org')
    const explained = await hearth(['scrub', path, '--explain', '--scope', 'letters'])
    expect(explained.err).toMatch(/0-15 +\[EMAIL_1B0B\] +email +0\.90 +The recogniser email/)
    expect((await hearth(['rehydrate', '--scope', 'letters'], '[EMAIL_1B0B] [EMAIL_9Z9Z]')).err).toContain(
      'Nothing is known here for [EMAIL_9Z9Z].',
    )
    expect(await hearth(['scrub', path, '--mode', 'mask'])).toMatchObject({ code: 0, out: '[EMAIL]' })
    expect(await hearth(['scrub', path, '--mode', 'block'])).toMatchObject({ code: 1, out: '' })
    expect(JSON.parse((await hearth(['scrub', path, '--json'])).out)).toMatchObject({ output: '[EMAIL_1B0B]' })
  })

  test.each([
    [['scrub', '/nowhere/letter.txt'], 5, 'There is no file'],
    [['scrub', '--policy', 'mail'], 1, 'There is no policy “mail”'],
    [['scrub', '--mode', 'hide'], 2, 'none of token, mask, block'],
    [['rehydrate'], 2, 'Give --map MAP or --scope NAME'],
    [['rehydrate', '--map', 'm_other'], 5, 'There is no such map'],
  ])('is refused with %j', async (args, code, sentence) => {
    const ran = await hearth(args, 'x')
    expect(ran).toMatchObject({ code, out: '' })
    expect(ran.err).toContain(sentence)
  })

  test('must be one', async () => {
    const path = join(home, 'picture.png')
    await Bun.write(path, new Uint8Array([0x89, 0x50, 0xff]))
    expect(await hearth(['scrub', path])).toMatchObject({ code: 2, out: '' })
  })
})

describe('the house', () => {
  test('tells how it is', async () => {
    const { code, out } = await hearth(['privacy'])
    expect(code).toBe(0)
    expect(out).toContain('Names           only those that the house knows')
    expect(out).toContain('Text leaves with identifiers replaced')
    expect(out).toContain('not anonymisation')
  })

  test('has lists that are changed one by one or from a file', async () => {
    const changed = await hearth(['privacy', 'lists', '--deny', 'Falcon', '--deny-pattern', 'F-\\d+', '--host', 'nas'])
    expect(changed.out).toContain('Belongs to this house (2)\n  Ann Lee  PERSON\n  nas  HOST')
    expect(changed.out).toContain('Must never leave (2)\n  Falcon\n  /F-\\d+/')
    expect((await hearth(['privacy', 'lists', '--remove', 'nas', '--remove', 'Falcon'])).out).toContain('leave (1)')
    const set = await file('lists.json', JSON.stringify({ deny: [], allow: ['info@example.org'] }))
    expect((await hearth(['privacy', 'lists', '--set', set])).out).toContain('Is left alone (1)\n  info@example.org')
    expect(await hearth(['privacy', 'lists', '--set', set, '--deny', 'x'])).toMatchObject({ code: 2 })
    expect(await hearth(['privacy', 'lists', '--set', await file('bad.json', '[]')])).toMatchObject({ code: 2 })
  })

  test('has policies, told in words and set as JSON', async () => {
    expect((await hearth(['privacy', 'policy'])).out).toContain('strict (')
    const set = await hearth(['privacy', 'policy', 'open', '--set', '{"urls": "all"}'])
    expect(set.out).toContain('Every web address is replaced.')
    expect(await hearth(['privacy', 'policy', 'strct'])).toMatchObject({ code: 5 })
    expect((await hearth(['privacy', 'policy', 'open', '--set', 'urls'])).err).toContain('no JSON object')
    expect((await hearth(['privacy', 'policy', '--set', '{}'])).err).toContain('which policy')
  })

  test('lists what is kept and what left, and destroys the former', async () => {
    const { scope } = JSON.parse((await hearth(['scrub', '--json'], 'ann@example.org')).out) as { scope: string }
    expect((await hearth(['privacy', 'scopes'])).out).toContain(scope)
    expect(await hearth(['privacy', 'shred', scope])).toMatchObject({ code: 2 })
    expect(await hearth(['privacy', 'shred', scope, '--yes'])).toMatchObject({ code: 0 })
    expect(await hearth(['privacy', 'shred', scope, '--yes'])).toMatchObject({ code: 5 })
    const { out } = await hearth(['privacy', 'departures', '--to', 'vendor', '--verdict', 'refused'])
    expect(out).toMatch(/vendor +refused: leak_blocked +text +2\.0 KiB +default +2 EMAIL, 1 PERSON/)
    expect((await hearth(['privacy', 'departures', '--verdict', 'sent'])).out).toBe('Nothing left like that.\n')
  })
})

describe('the proofs', () => {
  test('tell recall and precision of a labelled set, type by type', async () => {
    const lines = [
      {
        text: 'ann@example.org or bob@example',
        entities: [
          { start: 0, end: 15, type: 'EMAIL_ADDRESS' },
          { start: 19, end: 30, type: 'EMAIL_ADDRESS' },
        ],
      },
      { text: '😀 Ann Lee', entities: [{ start: 2, end: 9, type: 'PERSON' }] },
    ]
    const set = await file('set.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'))
    const { out } = await hearth(['privacy', 'eval', set, '--python-offsets'])
    expect(out).toMatch(/EMAIL +2 +50\.0 % +50\.0 % +1 +100\.0 %/)
    expect(out).toMatch(/PERSON +1 +100\.0 % +100\.0 % +1 +100\.0 %/)
    const told = JSON.parse((await hearth(['privacy', 'eval', set, '--json'])).out) as { data: { recall: number }[] }
    expect(told.data[0]?.recall).toBe(0.5)
  })

  test('count what is found in a plain text', async () => {
    const log = await file('access.log', 'ann@example.org\nAnn Lee\nann@example.org\n')
    expect((await hearth(['privacy', 'eval', log])).out).toBe('4 lines: 2 EMAIL, 1 PERSON\n')
  })

  test('end with 1 when a canary got out, and say which', async () => {
    const ran = await hearth(['privacy', 'leak-test', '--cases', '20', '--seed', '7'])
    expect(ran.code).toBe(1)
    expect(ran.out).toContain('Canaries got out that must not:')
    expect(ran.out).toMatch(/EMAIL +chat\.content +percent +1/)
    expect(ran.out).toContain('nobody claims to find')
    expect(house.told.at(-1)).toMatchObject({ action: 'privacy.leak_test', detail: 'seed 7, 20 cases, survivors' })
  })
})
