import { describe, expect, test } from 'bun:test'
import { isIssuedBy, isPair, readCertificate, uncertified } from './certificate.ts'
import { issueCertificate } from './issue-certificate.ts'

const validFrom = Date.UTC(2026, 0, 1)
const validUntil = Date.UTC(2026, 3, 1)
const times = { validFrom, validUntil }
const authority = issueCertificate({ kind: 'authority', subject: 'Hearth on müsli', names: [], ...times }, null)
const names = ['localhost', '127.0.0.1', 'fd00::5', 'hearth.lan', '*.models.lan']
const server = issueCertificate({ kind: 'server', subject: 'hearth.lan', names, ...times }, authority)

describe('a certificate', () => {
  test('says what it was made with', () => {
    const { fingerprint, ...facts } = readCertificate(server.certificate)
    expect(facts).toEqual({ subject: 'hearth.lan', issuer: 'Hearth on müsli', names, validFrom, validUntil })
    expect(fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
  })

  test('belongs to its own key and to its own authority', () => {
    const other = issueCertificate({ kind: 'authority', subject: 'Hearth on müsli', names: [], ...times }, null)
    expect(isPair(server.certificate, server.key)).toBe(true)
    expect(isPair(server.certificate, authority.key)).toBe(false)
    expect(isIssuedBy(server.certificate, authority.certificate)).toBe(true)
    expect(isIssuedBy(server.certificate, other.certificate)).toBe(false)
  })

  test('is good for its names and addresses, and for no others', () => {
    const asked = [...names, 'a.models.lan', 'a.b.models.lan', 'models.lan', '127.0.0.2', 'fd00::6', 'HEARTH.lan']
    expect(uncertified(server.certificate, asked)).toEqual(['a.b.models.lan', 'models.lan', '127.0.0.2', 'fd00::6'])
  })

  test.each([
    ['', 'no certificate'],
    ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', 'no certificate'],
  ])('is refused in a sentence when it is %p', (pem, says) => {
    expect(() => readCertificate(pem)).toThrow(says)
    expect(() => isPair(server.certificate, 'x')).toThrow('no private key')
  })
})
