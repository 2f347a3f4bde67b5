import type { Kind } from './values.ts'

/** A name that may be that of a secret, and where it stands. */
export interface Name {
  readonly start: number
  readonly end: number
  readonly text: string
}

const mostName = 48

/** The whole name around a place; null: longer than names are. */
export function nameAt(text: string, start: number, end: number): Name | null {
  let first = start
  while (first > 0 && start - first < mostName && isNameCode(text.charCodeAt(first - 1))) first--
  let last = end
  while (last < text.length && last - end < mostName && isNameCode(text.charCodeAt(last))) last++
  while (last > end && '.-$'.includes(text.charAt(last - 1))) last--
  return last - first > 2 * mostName ? null : { start: first, end: last, text: text.slice(first, last) }
}

/** Whether an account and its password are announced together: `user / password: …`. */
export function isPairName(text: string, name: Name): boolean {
  if (pairWords.has(name.text.toLowerCase())) return true
  return /(?:user|login|account|benutzer|name|konto)\w{0,12} ?[/|,&+] ?$/i.test(
    text.slice(Math.max(0, name.start - 24), name.start),
  )
}

/** Letters of any Latin script, digits, `_`, `-`, `.` and `$`. */
function isNameCode(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 45 ||
    code === 46 ||
    code === 36 ||
    (code >= 0xc0 && code <= 0x24f)
  )
}

/** What a name says of its value; null: nothing. */
export function kindOf(text: string, { start, text: name }: Name): Kind | null {
  const words = wordsOf(name)
  while (words.length > 1 && qualifiers.has(words.at(-1) ?? '')) words.pop()
  const last = words.at(-1) ?? ''
  if (passwordWords.has(last) || passwordEnd.test(last)) return 'password'
  if (tokenWords.has(last) || tokenEnd.test(last)) return pairWords.has(last) ? 'password' : 'opaque'
  const qualified = ofLast.get(last)
  if (qualified === undefined) return null
  const before = words.at(-2) ?? wordBefore(text, start)
  return before !== undefined && qualified.has(before) ? 'opaque' : null
}

/** `API key`, `session-id`: the word before a name of one word. */
function wordBefore(text: string, start: number): string | undefined {
  return /([A-Za-z]+)[ -]$/.exec(text.slice(Math.max(0, start - 20), start))?.[1]?.toLowerCase()
}

/** `dbPassword`, `DB_PASSWORD`, `x-api-key`, `spring.datasource.password` → their words in lower case. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/(\D)(\d+)$/, '$1 $2')
    .toLowerCase()
    .split(/[ _.$-]+/)
    .filter((word) => word !== '')
}

const passwordWords = new Set([
  ...[
    'password',
    'passwd',
    'pwd',
    'pass',
    'passphrase',
    'passcode',
    'passwort',
    'kennwort',
    'passe',
    'passw',
    'userpass',
  ],
  ...['contraseña', 'contrasena', 'senha', 'wachtwoord', 'parola', 'haslo', 'dbpass', 'mypass', 'rootpass'],
  ...['psk', 'requirepass', 'masterauth', 'sshpass', 'pw', 'clave', 'chiave', 'chave', 'zugangsdaten', 'creds'],
])
const passwordEnd = /(?:password|passwd|passphrase|passwort|kennwort|pwd)$/
const tokenWords = new Set([
  'secret',
  'token',
  'apikey',
  'credential',
  'credentials',
  'auth',
  'secrets',
  'salt',
  'authkey',
])
const tokenEnd =
  /(?:token|secret|apikey|secretkey|accesskey|privatekey|authkey|signingkey|encryptionkey|accountkey|schl(?:ü|ue|u)ssel)$/
/** What names an account and its password together. */
const pairWords = new Set(['credential', 'credentials', 'creds', 'zugangsdaten'])
const keyKinds = new Set([
  ...['api', 'access', 'private', 'secret', 'encryption', 'signing', 'master', 'auth', 'account', 'shared', 'service'],
  ...[
    'storage',
    'function',
    'license',
    'licence',
    'subscription',
    'session',
    'app',
    'application',
    'client',
    'consumer',
  ],
  ...['deploy', 'webhook', 'hmac', 'aes', 'jwt', 'rsa', 'crypt', 'crypto', 'symmetric', 'security', 'admin', 'root'],
  ...['wpa', 'wifi', 'network', 'recovery', 'host', 'product', 'activation', 'serial', 'management', 'routing', 'data'],
  ...['decryption', 'fernet', 'cipher', 'vault', 'unseal', 'primary', 'secondary', 'authentication', 'token', 'stream'],
])
/** Words that mean a secret only behind another one. */
const ofLast: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['key', keyKinds],
  ['keys', keyKinds],
  ['id', new Set(['session', 'secret'])],
])
const qualifiers = new Set([
  ...['value', 'text', 'raw', 'base64', 'b64', 'plain', 'plaintext', 'string', 'str', 'current', 'old', 'new', 'prod'],
  ...['production', 'dev', 'staging', 'test', 'live', 'default', 'hex', 'is', 'alt', 'backup', 'prev', 'previous'],
  ...['1', '2', '3', '4', '5', '6', '7', '8', '9', '0'],
])
