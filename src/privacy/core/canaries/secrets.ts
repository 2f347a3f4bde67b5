import { base64Of } from '../leak/forms.ts'
import { kindOf, type CanaryKind } from './canary.ts'
import { madeUpWord } from './identifiers.ts'
import { alphanumeric, hexDigits, lowerCase, upperCase, type Random } from './random.ts'

const base32 = `${upperCase}234567`
const base64 = `${alphanumeric}+/`
const url64 = `${alphanumeric}-_`

/** What vendors write of their keys, written down by hand: not the table that the recognisers are made from. */
const vendors: Readonly<Record<string, (random: Random) => string>> = {
  aws: (r) => `AKIA${r.letters(16, base32)}`,
  github: (r) => withCrc32('ghp_', r.letters(30, alphanumeric)),
  'github-fine': (r) => `github_pat_${r.letters(22, alphanumeric)}_${r.letters(59, alphanumeric)}`,
  gitlab: (r) => `glpat-${r.letters(20, alphanumeric)}`,
  slack: (r) => `xoxb-${r.digits(12)}-${r.digits(13)}-${r.letters(24, alphanumeric)}`,
  google: (r) => `AIza${r.letters(35, alphanumeric)}`,
  stripe: (r) => `sk_live_${r.letters(24, alphanumeric)}`,
  openai: (r) => `sk-proj-${r.letters(74, alphanumeric)}T3BlbkFJ${r.letters(74, alphanumeric)}`,
  anthropic: (r) => `sk-ant-api03-${r.letters(93, alphanumeric)}AA`,
  huggingface: (r) => `hf_${r.letters(34, alphanumeric.slice(0, 52))}`,
  npm: (r) => withCrc32('npm_', r.letters(30, alphanumeric)),
  sendgrid: (r) => `SG.${r.letters(22, url64)}.${r.letters(42, url64)}${r.letters(1, alphanumeric)}`,
  digitalocean: (r) => `dop_v1_${r.letters(64, hexDigits)}`,
  shopify: (r) => `shpat_${r.letters(32, hexDigits)}`,
  groq: (r) => `gsk_${r.letters(52, alphanumeric)}`,
  replicate: (r) => `r8_${r.letters(37, alphanumeric)}`,
  grafana: (r) => `glsa_${r.letters(32, alphanumeric)}_${r.letters(8, hexDigits)}`,
  linear: (r) => `lin_api_${r.letters(40, alphanumeric)}`,
  postman: (r) => `PMAK-${r.letters(24, hexDigits)}-${r.letters(34, hexDigits)}`,
  vault: (r) => `hvs.${r.letters(95, alphanumeric)}`,
  docker: (r) => `dckr_pat_${r.letters(27, alphanumeric)}`,
  nvidia: (r) => `nvapi-${r.letters(64, alphanumeric)}`,
}

/** GitHub and npm end their tokens with the CRC-32 of what stands before, in six characters of base 62. */
function withCrc32(prefix: string, body: string): string {
  const letters = `0123456789${upperCase}${lowerCase}`
  let rest = crc32(body)
  let check = ''
  for (let index = 0; index < 6; index++) {
    check = letters.charAt(rest % 62) + check
    rest = Math.floor(rest / 62)
  }
  return prefix + body + check
}

function crc32(text: string): number {
  let sum = -1
  for (const letter of text) {
    sum ^= letter.charCodeAt(0)
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0)
  }
  return (sum ^ -1) >>> 0
}

function keyBlock(random: Random): string {
  const lines = Array.from({ length: 6 }, () => random.letters(64, base64)).join('\n')
  return `-----BEGIN PRIVATE KEY-----\nMII${lines}\n-----END PRIVATE KEY-----`
}

/** Header and claims are real JSON; what signs them is chance. */
function webToken(random: Random): string {
  const part = (value: unknown): string => ascii(base64Of(encoder.encode(JSON.stringify(value))))
  const claims = { sub: random.digits(10), iat: 1_700_000_000 + random.below(1e7) }
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.${random.letters(43, url64)}`
}

const encoder = new TextEncoder()
const ascii = (bytes: Uint8Array): string => String.fromCharCode(...bytes)

const password = (random: Random): string => {
  const end = `${random.letters(3, upperCase)}${random.digits(3)}${random.letters(3, lowerCase)}`
  return `${madeUpWord(random, 2)}${random.pick(['!', '#', '%'])}${end}`
}

export const secretKinds: readonly CanaryKind[] = [
  ...Object.entries(vendors).map(([vendor, write]) =>
    kindOf(`secret.${vendor}`, 'SECRET', write, [
      'export KEY=…',
      'Use … for it.',
      '{"key":"…"}',
      'curl -H "X-Api-Key: …"',
    ]),
  ),
  kindOf('secret.key-block', 'SECRET', keyBlock, ['Here it is:\n…\n']),
  kindOf('secret.web-token', 'SECRET', webToken, ['Authorization: Bearer …', 'token … expired']),
  kindOf('secret.connection', 'SECRET', password, [
    'DATABASE_URL=postgres://app:…@db.invalid/app',
    'mongodb://root:…@mongo.invalid/x',
  ]),
  kindOf('secret.password', 'SECRET', password, ['password: …', 'DB_PASSWORD="…"', 'Das Passwort: …']),
]
