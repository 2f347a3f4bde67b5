/**
 * What never stands in the audit log: secrets, by the name of the member that holds them or by their own form, and
 * what people wrote or are called by (values of lists, prompts, texts).
 */

export const redacted = '[redacted]'

/** Words of a member's name: `apiKey` is `api key`, `OTLP_TOKEN` is `otlp token`. */
const secretWords = new Set([
  'secret',
  'secrets',
  'password',
  'passwords',
  'passwd',
  'passphrase',
  'pin',
  'token',
  'tokens',
  'authorization',
  'cookie',
  'cookies',
  'credential',
  'credentials',
  'ticket',
  'otp',
  'env',
  'headers',
])
const secretPairs = new Set(['api key', 'private key', 'access key', 'signing key', 'admin key', 'database url'])
/** Whole names: what was said, and what a list hides. */
const contentNames = new Set([
  'value',
  'values',
  'text',
  'texts',
  'content',
  'prompt',
  'messages',
  'input',
  'body',
  'request',
  'response',
])
/** Names that are digests of secrets, which are nobody's business either. */
const digestName = /sha256|hash$/i
/** What the log itself writes of its links. */
const ownNames = new Set(['hash'])

const forms: readonly RegExp[] = [
  // Keys of this house: what stands between the dashes is shown everywhere, the rest nowhere.
  /(?<=\bhk-[a-z0-9]{12}-)[0-9a-f]{8,}/g,
  /\b(?:sk|rk|pk|gsk|xai|ghp|gho|ghs|github_pat|glpat|hf|AIza|AKIA|xox[abprs])[-_]?[A-Za-z0-9][A-Za-z0-9_-]{14,}/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  /(?<=\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}/gi,
  /(?<=\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{0,100}:)[^\s/@]{1,200}(?=@)/gi,
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g,
]

const deepest = 12

/** Secrets by their form, in any text. */
export function redactText(text: string): string {
  return forms.reduce((left, form) => left.replace(form, redacted), text)
}

/** A JSON value without what never stands in the log. Numbers under names like `tokensPerMinute` stay: they count. */
export function redactValue(value: unknown): unknown {
  return redactAt(value, 0)
}

function redactAt(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= deepest) return redacted
  if (Array.isArray(value)) return value.map((item) => redactAt(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, member]: [string, unknown]) => [
      name,
      mayStand(name, member) ? redactAt(member, depth + 1) : redacted,
    ]),
  )
}

function mayStand(name: string, member: unknown): boolean {
  if (member === null || member === undefined || typeof member === 'boolean' || ownNames.has(name)) return true
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
  const isCount = typeof member === 'number' && words.length > 1
  if (isCount) return true
  if (contentNames.has(name.toLowerCase()) || digestName.test(name)) return false
  if (words.some((word) => secretWords.has(word))) return false
  return !words.some((word, index) => secretPairs.has(`${word} ${words[index + 1] ?? ''}`)) && !/apikey/i.test(name)
}
