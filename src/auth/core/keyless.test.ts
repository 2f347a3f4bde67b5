import { expect, test } from 'bun:test'
import { mayDoWithoutKey, type KeylessFacts } from './keyless.ts'

const usual: KeylessFacts = {
  why: 'missing',
  presented: '',
  origin: null,
  host: '192.168.1.5:11434',
  hasCertificate: false,
}

const cases: readonly (readonly [string, Partial<KeylessFacts>, boolean])[] = [
  ['no key at all', {}, true],
  ['a placeholder instead of a key', { why: 'malformed', presented: 'Bearer ollama' }, true],
  ['a key of ours that lacks a letter', { why: 'malformed', presented: 'Bearer hk-abc' }, false],
  ['a key that nobody made', { why: 'unknown' }, false],
  ['a revoked key', { why: 'revoked' }, false],
  ['an expired key', { why: 'expired' }, false],
  ['a sign-in of another page', { why: 'foreign' }, false],
  ['an origin, as pages have', { origin: 'http://192.168.1.5:11434' }, false],
  ['the origin null, as sandboxed pages have', { origin: 'null' }, false],
  ['the name localhost', { host: 'localhost:11434' }, true],
  ['an address of IPv6', { host: '[::1]:11434' }, true],
  ['a name without dots', { host: 'nas' }, true],
  ['a name of the network', { host: 'NAS.local:11434' }, true],
  ['the name of the host of containers', { host: 'host.docker.internal:11434' }, true],
  ['a name of the internet', { host: 'rebound.example.com:11434' }, false],
  ['a name of the internet that ends like an address', { host: '1.2.3.4.example.com' }, false],
  ['no name at all', { host: null }, false],
  ['a certificate and a name of the internet', { host: 'hearth.example.com', hasCertificate: true }, true],
  ['a certificate and an origin', { origin: 'https://hearth.example.com', hasCertificate: true }, false],
  ['a certificate and a revoked key', { why: 'revoked', hasCertificate: true }, false],
]

test.each(cases)('a request with %s is judged', (_, more, may) => {
  expect(mayDoWithoutKey({ ...usual, ...more })).toBe(may)
})
