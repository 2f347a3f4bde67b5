import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtemp, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readCertificate, uncertified } from '#platform/crypto/certificate.ts'
import { silentLogger } from '#platform/log/logger.ts'
import { certificateFiles } from './certificate-files.ts'
import { openKeeper, type CertificateSource } from './keeper.ts'
import { openLocalAuthority } from './local-authority.ts'
import { localCertificate, serverFile } from './local-certificate.ts'
import { mostNames, namesToCertify, type NameFacts } from './names.ts'

const dayMs = 86_400_000
const clock = { at: 0, now: () => clock.at, mono: () => clock.at }
let folder: string
let names: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearth-tls-'))
  clock.at = Date.UTC(2026, 5, 1)
  names = ['localhost', '127.0.0.1']
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const openAuthority = () => openLocalAuthority({ folder, hostname: 'nas', clock })
const openLocal = async () => localCertificate({ folder, authority: await openAuthority(), names: () => names, clock })
const keep = (source: CertificateSource, asked: readonly string[] = []) =>
  openKeeper({ source, clock, log: silentLogger, uncertified: (pem) => uncertified(pem, asked) })
const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

describe('the names of a house', () => {
  const facts: NameFacts = { hosts: ['127.0.0.1'], names: [], publicUrl: null, hostname: 'nas', addresses: [] }
  test.each<[string, Partial<NameFacts>, readonly string[]]>([
    ['are those of the machine', {}, ['nas', 'nas.local']],
    ['keep a host name that is whole', { hostname: 'NAS.example.org' }, ['nas.example.org']],
    [
      'have what people named and use',
      { names: ['Hearth.lan'], publicUrl: 'https://h.example.org/x' },
      ['hearth.lan', 'h.example.org', 'nas', 'nas.local'],
    ],
    [
      'have the addresses that are listened on',
      { hosts: ['192.168.1.5', 'localhost'] },
      ['nas', 'nas.local', '192.168.1.5'],
    ],
    [
      'have every address of the machine',
      { hosts: ['0.0.0.0'], addresses: ['192.168.1.5', 'FD00:0::5', 'fe80::1%eth0'] },
      ['nas', 'nas.local', '192.168.1.5', 'fd00::5'],
    ],
    ['leave out what no certificate can hold', { hostname: 'my_machine!', names: ['a b', 'x..y'] }, []],
  ])('%s', (_, more, further) => {
    expect(namesToCertify({ ...facts, ...more })).toEqual(['localhost', '127.0.0.1', '::1', ...further])
  })

  test('are not without end', () => {
    const many = Array.from({ length: 500 }, (_, index) => `10.0.${index >> 8}.${index & 255}`)
    expect(namesToCertify({ ...facts, hosts: ['::'], addresses: many })).toHaveLength(mostNames)
  })
})

describe('the authority of a house', () => {
  test('is made once, and its key is nobody else’s to read', async () => {
    const first = await openAuthority()
    expect((await openAuthority()).certificate).toBe(first.certificate)
    expect([await modeOf(join(folder, 'ca.key')), await modeOf(join(folder, 'ca.crt'))]).toEqual(['600', '644'])
    expect(first.facts.validUntil - clock.at).toBe(3650 * dayMs)
  })

  test.each(['ca.key', 'ca.crt'])('is not made anew when %s is lost: what trusts it would stop', async (file) => {
    await openAuthority()
    await unlink(join(folder, file))
    await expect(openAuthority()).rejects.toThrow('Put ca.crt and ca.key back')
  })

  test('signs nothing that outlives it', async () => {
    const authority = await openAuthority()
    clock.at = authority.facts.validUntil - dayMs
    const { certificate } = await authority.forClient('laptop', 365)
    expect(readCertificate(certificate).validUntil).toBe(authority.facts.validUntil)
  })
})

describe('a certificate of the house', () => {
  test('is kept over a start', async () => {
    const first = await keep(await openLocal())
    const again = await keep(await openLocal())
    expect(again.facts.fingerprint).toBe(first.facts.fingerprint)
    expect(await modeOf(serverFile(folder))).toBe('600')
  })

  test('is renewed when two thirds of its time are over, and not before', async () => {
    const keeper = await keep(await openLocal())
    const { validFrom, validUntil, fingerprint } = keeper.facts
    expect(validUntil - clock.at).toBe(90 * dayMs)
    const shown: string[] = []
    keeper.onChange(({ certificate }) => void shown.push(readCertificate(certificate).fingerprint))
    clock.at = validFrom + ((validUntil - validFrom) * 2) / 3 - 1000
    expect(await keeper.renew(false)).toBe(false)
    expect(keeper.renewsAt).toBe(clock.at + 1000)
    clock.at += 1000
    expect(await keeper.renew(false)).toBe(true)
    expect(keeper.facts.fingerprint).not.toBe(fingerprint)
    expect(shown).toEqual([keeper.facts.fingerprint])
    expect(keeper.problems).toEqual([])
  })

  test('is made anew for a name that came, and for one that is broken on the disk', async () => {
    const keeper = await keep(await openLocal())
    names.push('192.168.1.5')
    expect(await keeper.renew(false)).toBe(true)
    expect(keeper.facts.names).toContain('192.168.1.5')
    await writeFile(serverFile(folder), 'half of it')
    expect((await keep(await openLocal())).facts.names).toContain('192.168.1.5')
  })

  test('is made anew when somebody asks for it', async () => {
    const keeper = await keep(await openLocal())
    const { fingerprint } = keeper.facts
    expect(await keeper.renew(true)).toBe(true)
    expect(keeper.facts.fingerprint).not.toBe(fingerprint)
  })
})

describe('a certificate in files', () => {
  const files = () => ({ certificate: join(folder, 'own.crt'), key: join(folder, 'own.key') })
  async function write(what: 'both' | 'certificate' | 'key', issued: { certificate: string; key: string }) {
    if (what !== 'key') await writeFile(files().certificate, issued.certificate)
    if (what !== 'certificate') await writeFile(files().key, issued.key)
  }
  const issue = async () => (await openAuthority()).forServer(['hearth.lan'])

  test('is read again when it changes, and only when both belong together', async () => {
    const [first, second] = [await issue(), await issue()]
    await write('both', first)
    const keeper = await keep(certificateFiles(files()))
    expect(await keeper.renew(false)).toBe(false)
    await write('certificate', second)
    await expect(keeper.renew(false)).rejects.toThrow('it is not the key of the certificate')
    expect(keeper.material.certificate).toBe(first.certificate)
    expect(keeper.problems).toEqual([expect.stringContaining('cannot be renewed') as unknown as string])
    await write('key', second)
    expect(await keeper.renew(false)).toBe(true)
    expect([keeper.material.certificate, keeper.problems]).toEqual([second.certificate, []])
  })

  test.each([
    ['no file', () => {}, 'ENOENT'],
    ['no certificate', () => writeFile(files().certificate, 'x'), 'own.crt cannot be used: it holds no certificate'],
  ] as const)('cannot be opened with %s', async (_, prepare, says) => {
    await write('key', await issue())
    await prepare()
    await expect(keep(certificateFiles(files()))).rejects.toThrow(says)
  })

  test('warns before its end, at its end, and of names that it is not good for', async () => {
    await write('both', await issue())
    const keeper = await keep(certificateFiles(files()), ['hearth.lan', 'hearth.example.org'])
    expect(keeper.problems).toEqual(['The certificate is not for hearth.example.org: clients refuse it there.'])
    clock.at = keeper.facts.validUntil - 13 * dayMs
    expect(keeper.problems[0]).toContain('expires on')
    clock.at = keeper.facts.validUntil
    expect(keeper.problems[0]).toContain('has expired')
    expect(await keeper.task.activate(new AbortController().signal)).toBeNull()
  })
})
