import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { issueCertificate } from '../src/platform/crypto/issue-certificate.ts'
import { runCli } from '../test/fakes/cli-process.ts'
import { startHouse, testAdminKey, type House } from '../test/env/house.ts'

let house: House
let folder: string
beforeAll(async () => {
  house = await startHouse({ config: 'server: { tls: { selfSigned: true, port: 0 } }' })
  folder = await mkdtemp(join(tmpdir(), 'hearth-cli-tls-'))
}, 60_000)
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const tls = (...args: readonly string[]) => runCli(['tls', ...args, '--url', house.url, '--key', testAdminKey])

describe('hearth tls', () => {
  test('shows what is encrypted, and fingerprints to compare', async () => {
    const { certificate, authority } = await house.get<Record<string, { fingerprint: string }>>('/api/tls')
    const { code, out } = await tls()
    expect(code).toBe(0)
    expect(out).toContain(`${house.url}   not encrypted`)
    expect(out).toContain(certificate?.fingerprint ?? 'none')
    expect(out).toContain(authority?.fingerprint ?? 'none')
    const { out: status } = await runCli(['status', '--url', house.url, '--key', testAdminKey])
    expect(status).toContain(certificate?.fingerprint ?? 'none')
  })

  test('renew shows another certificate', async () => {
    const fingerprint = async () => (JSON.parse((await tls('show', '--json')).out) as Shown).certificate.fingerprint
    const before = await fingerprint()
    expect((await tls('renew')).code).toBe(0)
    expect(await fingerprint()).not.toBe(before)
  })

  test('export-ca writes the authority to stdout alone, and over no file', async () => {
    const expected = await readFile(join(house.home, 'tls', 'ca.crt'), 'utf8')
    expect((await tls('export-ca')).out).toBe(expected)
    const file = join(folder, 'hearth-ca.crt')
    expect((await tls('export-ca', file)).code).toBe(0)
    expect(await readFile(file, 'utf8')).toBe(expected)
    expect((await tls('export-ca', file)).err).toContain('is there already')
  })

  test('client-cert writes a key that only its owner reads, and never over another', async () => {
    expect((await tls('client-cert', 'my laptop', '--into', folder)).code).toBe(0)
    expect((await stat(join(folder, 'my-laptop.key'))).mode & 0o777).toBe(0o600)
    const key = await readFile(join(folder, 'my-laptop.key'), 'utf8')
    const again = await tls('client-cert', 'my laptop', '--into', folder)
    expect([again.code, again.err.includes('is there already')]).toEqual([2, true])
    expect(await readFile(join(folder, 'my-laptop.key'), 'utf8')).toBe(key)
    expect((await tls('client-cert', '../up', '--into', folder)).code).toBe(1)
  })

  test('a house whose authority is not known here is told what to do', async () => {
    const { listeners } = JSON.parse((await tls('show', '--json')).out) as Shown
    const url = listeners.find(({ kind }) => kind === 'https')?.address ?? ''
    expect((await runCli(['status', '--url', url])).err).toContain('NODE_EXTRA_CA_CERTS')
  })
})

interface Shown {
  readonly certificate: { readonly fingerprint: string }
  readonly listeners: readonly { readonly kind: string; readonly address: string }[]
}

test('a house that has no authority says so', async () => {
  const times = { validFrom: Date.now() - 60_000, validUntil: Date.now() + 86_400_000 }
  const own = issueCertificate({ kind: 'authority', subject: 'own', names: [], ...times }, null)
  const made = issueCertificate({ kind: 'server', subject: 'nas', names: ['127.0.0.1'], ...times }, own)
  const files = [join(folder, 'own.crt'), join(folder, 'own.key')] as const
  await Promise.all([writeFile(files[0], made.certificate), writeFile(files[1], made.key)])
  const config = `server: { tls: { certificate: ${files[0]}, key: ${files[1]}, port: 0 } }`
  await using other = await startHouse({ config })
  const { err } = await runCli(['tls', 'export-ca', '--url', other.url, '--key', testAdminKey])
  expect(err).toContain('no certificate authority of its own')
}, 60_000)
