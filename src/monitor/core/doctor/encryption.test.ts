import { expect, test } from 'bun:test'
import { judgeEncryption, type EncryptionFacts } from './encryption.ts'
import type { AddressFacts } from './facts.ts'

const addresses: readonly AddressFacts[] = [
  { family: 'IPv4', address: '127.0.0.1', interface: 'lo', scope: 'loopback' },
  { family: 'IPv4', address: '192.168.1.5', interface: 'eth0', scope: 'private' },
  { family: 'IPv6', address: 'fe80::1', interface: 'eth0', scope: 'link' },
  { family: 'IPv4', address: '100.64.0.7', interface: 'tailscale0', scope: 'private' },
]
const plain: EncryptionFacts = {
  listeners: [{ kind: 'http', host: '127.0.0.1', port: 9999 }],
  isBehindProxy: false,
  certificate: null,
  keys: [],
}
const good = { kind: 'good', daysLeft: 60, isRenewedByItself: true, missingNames: [] } as const
const open = (kind: EncryptionFacts['listeners'][number]['kind'], host = '0.0.0.0', port = 9999) => ({
  kind,
  host,
  port,
})

/** `state name: what was found`. */
const judged = (change: Partial<EncryptionFacts>): readonly string[] =>
  judgeEncryption({ ...plain, ...change }, addresses).map(({ state, name, found }) => `${state} ${name}: ${found}`)

test.each<[string, Partial<EncryptionFacts>, readonly string[]]>([
  ['loopback alone is as it should be', {}, ['ok interface lo: http://127.0.0.1:9999 (not encrypted).']],
  [
    'every interface that is reached is told, plain ones as a warning',
    { listeners: [open('http')] },
    [
      'ok interface lo: http://127.0.0.1:9999 (not encrypted).',
      'warn interface eth0: http://192.168.1.5:9999 (not encrypted).',
      'warn interface tailscale0: http://100.64.0.7:9999 (not encrypted).',
    ],
  ],
  [
    'only the interface of an address is reached',
    { listeners: [open('http', '100.64.0.7')] },
    ['warn interface tailscale0: http://100.64.0.7:9999 (not encrypted).'],
  ],
  [
    'a proxy that encrypts takes the warning away',
    { listeners: [open('http', '192.168.1.5')], isBehindProxy: true },
    ['ok interface eth0: http://192.168.1.5:9999 (not encrypted).'],
  ],
  [
    'TLS, and what sends on to it, are as they should be',
    { listeners: [open('redirect', '192.168.1.5'), open('https', '192.168.1.5', 8443)] },
    ['ok interface eth0: http://192.168.1.5:9999 (sends on to HTTPS), https://192.168.1.5:8443 (TLS).'],
  ],
])('%s', (_, change, found) => {
  expect(judged(change)).toEqual([...found])
})

test.each<[string, NonNullable<EncryptionFacts['certificate']>['state'], readonly string[]]>([
  ['is made at the first start', { kind: 'absent' }, ['ok certificate']],
  ['cannot be read', { kind: 'broken', message: 'it holds no certificate' }, ['fail certificate']],
  ['is good', good, ['ok certificate']],
  ['ends soon', { ...good, daysLeft: 13.9, isRenewedByItself: false }, ['warn certificate']],
  ['has ended', { ...good, daysLeft: -1 }, ['fail certificate']],
  ['is for other names', { ...good, missingNames: ['h.lan'] }, ['ok certificate', 'warn certificate names']],
])('a certificate that %s is told so', (_, state, found) => {
  const certificate = { path: '/h/tls/server.pem', state }
  const told = judgeEncryption({ ...plain, listeners: [], certificate }, addresses)
  expect(told.map((finding) => `${finding.state} ${finding.name}`)).toEqual([...found])
  for (const finding of told) if (finding.state !== 'ok') expect(finding.advice).not.toBeNull()
})

test('a key that others can read is told with what to run', () => {
  const keys = [
    { path: '/h/a.key', mode: 0o100600 },
    { path: '/h/b.key', mode: 0o100644 },
  ]
  expect(judgeEncryption({ ...plain, listeners: [], keys }, addresses)).toEqual([
    {
      name: 'private key',
      state: 'fail',
      found: '/h/b.key can be read by other users (mode 644).',
      advice: 'Run: chmod 600 /h/b.key',
    },
  ])
})
