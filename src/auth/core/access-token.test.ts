import { createHmac, createPublicKey, verify as nodeVerify } from 'node:crypto'
import { describe, expect, test } from 'bun:test'
import {
  createSigner,
  createVerifier,
  fromBase64Url,
  newKeyPair,
  thumbprint,
  toBase64Url,
} from '#platform/crypto/ed25519.ts'
import type { AccessClaims, TokenKeys } from './access-token.ts'
import { looksLikeToken, readAccessToken, scopesOfClaim, writeAccessToken } from './access-token.ts'

const pair = newKeyPair()
const kid = thumbprint(pair.x)
const sign = createSigner(pair)
const now = 1_900_000_000
const issuer = 'https://hearth.lan'
const claims: AccessClaims = {
  iss: issuer,
  aud: 'hearth',
  sub: 'usr_aaaaaaaaaaaa',
  sid: 'login',
  jti: 'one',
  scope: 'inference monitor',
  iat: now,
  nbf: now,
  exp: now + 3600,
}
const keys: TokenKeys = {
  encode: toBase64Url,
  decode: fromBase64Url,
  verifier: (name) => (name === kid ? createVerifier(pair.x) : null),
}
const bytes = (text: string) => new TextEncoder().encode(text)
/** Any header and payload, signed well by our key. */
const signed = (header: string, payload: string): string => {
  const body = `${toBase64Url(header)}.${toBase64Url(payload)}`
  return `${body}.${toBase64Url(sign(bytes(body)))}`
}
const header = (extra: object = {}): string => JSON.stringify({ alg: 'EdDSA', typ: 'at+jwt', kid, ...extra })
const payload = (extra: object = {}): string => JSON.stringify({ ...claims, ...extra })
const good = signed(header(), payload())
const read = (token: string, nowSeconds = now) => {
  const answer = readAccessToken(token, { keys, issuer, nowSeconds })
  return answer.ok ? 'ok' : answer.why
}

test('a token that we wrote is read, by us and by whoever has the public key', () => {
  const body = writeAccessToken(claims, kid, toBase64Url)
  expect(`${body}.${toBase64Url(sign(bytes(body)))}`).toBe(good)
  expect(readAccessToken(good, { keys, issuer, nowSeconds: now })).toEqual({ ok: true, claims, kid })
  const [head = '', middle = '', end = ''] = good.split('.')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: pair.x }, format: 'jwk' })
  expect(nodeVerify(null, bytes(`${head}.${middle}`), key, Buffer.from(end, 'base64url'))).toBe(true)
})

test('keys are signed with and named as RFC 8037 has it', () => {
  const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'
  const d = 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A'
  expect(thumbprint(x)).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k')
  const text = 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc'
  const signature = createSigner({ x, d })(bytes(text))
  expect(toBase64Url(signature)).toBe(
    'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
  )
  expect(createVerifier(x)(bytes(text), signature)).toBe(true)
})

describe('what could confuse a reader is refused', () => {
  const publicBytes = Buffer.from(pair.x, 'base64url')
  const hmac = (head: string): string => {
    const body = `${toBase64Url(head)}.${toBase64Url(payload())}`
    return `${body}.${createHmac('sha256', publicBytes).update(body).digest('base64url')}`
  }
  const [head = '', middle = '', end = ''] = good.split('.')
  const stranger = newKeyPair()
  const byStranger = (kidOf: string): string => {
    const body = `${toBase64Url(JSON.stringify({ alg: 'EdDSA', typ: 'at+jwt', kid: kidOf }))}.${middle}`
    return `${body}.${toBase64Url(createSigner(stranger)(bytes(body)))}`
  }
  const twice = (member: string) => payload().replace('"sub"', `${member},"sub"`)
  test.each([
    ['alg none without a signature', `${toBase64Url(header({ alg: 'none' }))}.${middle}.`, 'malformed'],
    ['alg none with a signature', signed(header({ alg: 'none' }), payload()), 'malformed'],
    ['HS256 with the public key for its secret', hmac(header({ alg: 'HS256' })), 'malformed'],
    ['EdDSA that is an HMAC', hmac(header()), 'unknown'],
    ['another name of the algorithm', signed(header({ alg: 'Ed25519' }), payload()), 'malformed'],
    ['a refresh token’s type', signed(header({ typ: 'refresh' }), payload()), 'malformed'],
    ['the type JWT', signed(header({ typ: 'JWT' }), payload()), 'malformed'],
    ['no type', signed(JSON.stringify({ alg: 'EdDSA', kid }), payload()), 'malformed'],
    ['a key of somebody else under our name', byStranger(kid), 'unknown'],
    ['a key of somebody else under its name', byStranger(thumbprint(stranger.x)), 'unknown'],
    ['a key that is no text', signed(header({ kid: 1 }), payload()), 'malformed'],
    ['jku', signed(header({ jku: 'https://evil.example/jwks.json' }), payload()), 'malformed'],
    ['x5u', signed(header({ x5u: 'https://evil.example/cert.pem' }), payload()), 'malformed'],
    ['a key in the header', signed(header({ jwk: { kty: 'OKP', x: stranger.x } }), payload()), 'malformed'],
    ['crit', signed(header({ crit: ['b64'], b64: false }), payload()), 'malformed'],
    ['a header’s member twice', signed(header().replace('"typ"', '"alg":"none","typ"'), payload()), 'malformed'],
    ['a claim twice', signed(header(), twice('"sub":"usr_bbbbbbbbbbbb"')), 'unknown'],
    ['a claim too many', signed(header(), payload({ role: 'admin' })), 'unknown'],
    ['blanks between', signed(header(), JSON.stringify(claims, null, 1)), 'unknown'],
    ['a foreign audience', signed(header(), payload({ aud: 'other' })), 'unknown'],
    ['a list of audiences', signed(header(), payload({ aud: ['hearth'] })), 'unknown'],
    ['a foreign issuer', signed(header(), payload({ iss: 'https://evil.example' })), 'unknown'],
    ['no end', signed(header(), JSON.stringify({ ...claims, exp: undefined })), 'unknown'],
    ['an end that is a text', signed(header(), payload({ exp: '9999999999' })), 'unknown'],
    ['an end that is no whole number', signed(header(), payload({ exp: 1e300 })), 'unknown'],
    ['a time to come', signed(header(), payload({ nbf: now + 31 })), 'early'],
    ['a time that is over', signed(header(), payload({ exp: now })), 'expired'],
    ['a payload that is a list', signed(header(), '[]'), 'unknown'],
    ['a payload that is no JSON', signed(header(), '{'), 'unknown'],
    ['a header that is no JSON', signed('{', payload()), 'malformed'],
    ['a fourth part', `${good}.${end}`, 'malformed'],
    ['no signature', `${head}.${middle}.`, 'malformed'],
    ['padding', `${good}==`, 'unknown'],
    ['other letters of base64', good.replace(/.$/, '+'), 'unknown'],
    ['a cut signature', good.slice(0, -4), 'unknown'],
    ['a changed payload', `${head}.${toBase64Url(payload({ sub: 'usr_bbbbbbbbbbbb' }))}.${end}`, 'unknown'],
    ['a huge token', signed(header(), payload({ jti: 'x'.repeat(100_000) })), 'malformed'],
    ['nothing', '', 'malformed'],
    ['dots', '...', 'malformed'],
  ])('%s', (_what, token, why) => {
    expect(read(token)).toBe(why)
  })

  test('spare bits of the signature that stand for nothing', () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const last = good.at(-1) ?? ''
    const others = letters
      .split('')
      .filter((letter) => letter !== last)
      .map((letter) => read(good.slice(0, -1) + letter))
    expect(new Set(others)).toEqual(new Set(['unknown']))
  })

  test('one bit of any letter', () => {
    for (let at = 0; at < good.length; at++) {
      const letter = good[at] === 'A' ? 'B' : 'A'
      if (good[at] !== '.') expect(read(good.slice(0, at) + letter + good.slice(at + 1))).not.toBe('ok')
    }
  })
})

test('a signature of another kind of key is not looked at', () => {
  const body = good.slice(0, good.lastIndexOf('.'))
  expect(read(`${body}.${toBase64Url(new Uint8Array(256))}`)).toBe('unknown')
})

test('its time is the clock’s, with half a minute for clocks that differ', () => {
  expect([read(good, now - 31), read(good, now - 30), read(good, now + 3599), read(good, now + 3600)]).toEqual([
    'early',
    'ok',
    'ok',
    'expired',
  ])
})

test('only words that are scopes count', () => {
  expect(scopesOfClaim('monitor inference root  admin2')).toEqual(['inference', 'monitor'])
  expect(scopesOfClaim('')).toEqual([])
})

test.each([
  [good, true],
  ['hk-aaaaaaaaaaaa-00', false],
  ['sk-ant-x.y.z', false],
  ['eyJ.a', false],
  ['eyJ.a.b.c', false],
])('%s looks like a token: %p', (text, isOne) => {
  expect(looksLikeToken(text)).toBe(isOne)
})
