import { reach, type Found, type Place, type Recogniser } from '../../words.ts'
import { isPairName, kindOf, nameAt, type Name } from './names.ts'
import { isStandIn } from './randomness.ts'
import { isExpression, judgeValue, readValue, type Kind, type Manner, type Value } from './values.ts'

/**
 * A value that is called a secret by what stands before it: a member (`"api_key": "…"`), a variable
 * (`DB_PASSWORD=…`), an element (`<password>…`), an option (`--token …`), or a sentence (“das Passwort lautet …”).
 *
 * 1. The name around the place, cut in words; its last word decides: `refresh_token`, but not `token_count`.
 * 2. What joins name and value.
 * 3. The value, and whether it is one (values.ts). Only the value is the secret.
 */
export const assignmentRecogniser: Recogniser = {
  id: 'secret.generic.assignment',
  type: 'SECRET',
  trigger: {
    kind: 'literal',
    literals: [
      ...['pass', 'pwd', 'secret', 'token', 'key', 'auth', 'credential', 'kennwort', 'contrase', 'senha'],
      ...[
        'wachtwoord',
        'parola',
        'haslo',
        'salt',
        'psk',
        'pw:',
        'pw=',
        'pw ',
        'clave',
        'chiave',
        'chave',
        'schl',
        'creds',
      ],
      ...['zugangsdaten'],
    ],
  },
  match: ({ view: { text }, start, end }: Place): Found | null => {
    // `pw` is two letters of too many words: what follows it is part of the trigger.
    const name = nameAt(text, start, /^pw[:= ]/i.test(text.slice(start, end)) ? start + 2 : end)
    const kind = name === null ? null : kindOf(text, name)
    if (name === null || kind === null) return null
    const joined = joinAfter(text, name, kind)
    if (joined === null) return null
    const score =
      joined.isTrusted && !isStandIn(joined.value.text) ? 0.8 : judgeValue(joined.value, kind, joined.manner)
    if (score >= (joined.least ?? 0.1)) return foundIn(joined.value, score)
    return isExpression(joined.value, joined.manner) ? fallbackIn(text, joined.value, kind) : null
  },
}

function foundIn({ start, end, text }: Value, score: number): Found {
  return { start, end, score, isValidated: false, canonical: text }
}

/** `os.environ.get("DB_PASSWORD", "…")`, `process.env.TOKEN ?? '…'`: what is used when nothing is set. */
function fallbackIn(text: string, expression: Value, kind: Kind): Found | null {
  const line = /^[^\n;]*/.exec(text.slice(expression.start, expression.start + reach))?.[0] ?? ''
  const opening = line.search(/(?:,|\|\||\?\?|\bor\b|:-)[ \t]{0,4}["'`][^"'`]{6,128}["'`]/)
  if (opening < 0) return null
  const quote = line.slice(opening).search(/["'`]/)
  const value = readValue(text, expression.start + opening + quote)
  const score = value === null ? 0 : judgeValue(value, kind, 'quoted')
  return value === null || score < 0.8 ? null : foundIn(value, score)
}

interface Joined {
  readonly value: Value
  readonly manner: Manner
  /** The surroundings leave no doubt, whatever it looks like. */
  readonly isTrusted: boolean
  /** The surroundings say little: only what is surely a secret by its looks. */
  readonly least?: number
}

const operator = /\\?["'`]{0,2}\]?[ \t]{0,8}(?:===?|!==?|:=|\?=|=>|[=:])[ \t]{0,8}/y
/** `let password: &str = "…"`, `password: string = '…'` */
const typed = /[ \t]{0,3}:[ \t]{0,3}&?(?:'static )?[A-Za-z]{3,12}[ \t]{0,3}=[ \t]{0,3}/y
const attribute = /["'][ \t]{1,4}value[ \t]{0,2}=[ \t]{0,2}/y
/** Lists of names and values: `- name: DB_PASSWORD`, and `value: …` below it. */
const listed = /["']?,?[ \t]{0,4}(?:\r?\n[ \t]{0,40})?["']?value["']?[ \t]{0,4}:[ \t]{0,4}/y
/** The text of a YAML block begins in the next line. */
const blockOpening = /[|>][+-]?[ \t]{0,4}\r?\n[ \t]{1,40}/y
const tuple = /["'],[ \t]{0,4}(?=["'])/y
/** `bob / ` before the password, where name and password are announced together. */
const accountBefore = /[^\s/|,]{1,64}[ \t]{0,2}[/|][ \t]{0,2}/y
const element = />[ \t\r\n]{0,12}/y
const call = /\([ \t]{0,4}(?=["'`])/y
const blank = /[ \t]{1,8}/y

/** The numbered ways, surest first. */
function joinAfter(text: string, name: Name, kind: Kind): Joined | null {
  const { end } = name
  // 1. <password>…</password>, <add key="Password" value="…">
  const inside = text.charAt(name.start - 1) === '<' ? after(element, text, end) : after(attribute, text, end)
  if (inside !== null) return joined(text, inside, 'environment')
  // 2. name = value, "name": value, name: value
  const given = after(typed, text, end) ?? after(operator, text, end)
  if (given !== null) {
    const at = after(blockOpening, text, given) ?? (isPairName(text, name) ? after(accountBefore, text, given) : null)
    return joined(text, at ?? given, mannerOf(text, name, given))
  }
  const below = after(listed, text, end)
  if (below !== null) return joined(text, below, 'environment')
  const second = after(tuple, text, end)
  if (second !== null) return least(joined(text, second, 'quoted'), 0.8)
  // 3. setPassword("…")
  const argument = after(call, text, end)
  if (argument !== null) return joined(text, argument, 'quoted')
  const gap = after(blank, text, end)
  if (gap === null) return null
  // 4. --password value
  if (name.text.startsWith('--')) return joined(text, gap, 'argument')
  // 5. A line of .netrc
  if (kind === 'password' && /login\s+\S{1,64}\s+$/.test(text.slice(Math.max(0, name.start - 80), name.start)))
    return joined(text, gap, 'argument', true)
  // 6. The password is value. Das Passwort für den Router lautet: value
  const said = saidAfter(text, gap)
  if (said !== null && !isVerb(name, text.slice(gap, said))) return joined(text, said, 'prose')
  // 7. pw value, ENV API_TOKEN value
  if (kind === 'password') return plainPair(joined(text, gap, 'prose'))
  return /^[A-Z][A-Z0-9]*_[A-Z0-9_]+$/.test(name.text) ? least(joined(text, gap, 'argument'), 0.8) : null
}

function least(pair: Joined | null, score: number): Joined | null {
  return pair === null ? null : { ...pair, least: score }
}

function after(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : null
}

function joined(text: string, at: number, manner: Manner, isTrusted = false): Joined | null {
  const value = readValue(text, at)
  return value === null ? null : { value, manner: value.isQuoted ? 'quoted' : manner, isTrusted }
}

/** `DB_PASSWORD=value` and `?token=value` have no blanks; `password: value` at a line's end is a file of settings. */
function mannerOf(text: string, name: Name, valueAt: number): Manner {
  const joint = text.slice(name.end, valueAt)
  if (joint === '=' || /^[A-Z][A-Z0-9_]+$/.test(name.text)) return 'environment'
  return / /.test(text.charAt(name.start - 1)) && joint.startsWith(':') ? 'prose' : 'member'
}

const verbs = new Set([
  ...[
    'is',
    'are',
    'was',
    'ist',
    'lautet',
    'lauten',
    'war',
    'heisst',
    'heißt',
    'est',
    'es',
    'è',
    'é',
    'sera',
    'será',
    'jest',
    'to',
  ],
  ...['=', ':', '->', '→', 'called', 'namely'],
])
/** “Pass the names to x”: whoever is told to pass something is told no password. */
const isVerb = ({ text }: Name, said: string): boolean => /^pass$/i.test(text) && /\bto\s*$/i.test(said)

const refusals = new Set(['not', 'a', 'an', 'the', 'nicht', 'kein', 'pas', 'no', 'non', 'too', 'zu'])
const mostWords = 8

/** Goes on word by word up to the word that gives: where the value begins; null: nothing is given. */
function saidAfter(text: string, from: number): number | null {
  const window = text.slice(from, from + Math.min(reach, 96))
  const line = /^[^\n.;!?]*/.exec(window)?.[0] ?? ''
  let at = 0
  for (const piece of line.split(' ', mostWords)) {
    const next = at + piece.length + 1
    const isVerb = verbs.has(piece.toLowerCase())
    if (isVerb || (piece.length > 1 && piece.endsWith(':'))) {
      const following = /^\s*(\S+?):?(?:\s|$)/.exec(window.slice(next))?.[1]?.toLowerCase() ?? ''
      if (refusals.has(following)) return null
      if (!verbs.has(following)) return from + next + (/^\s+/.exec(window.slice(next))?.[0].length ?? 0)
    }
    at = next
  }
  return null
}

/** Without anything between name and value, only what no word looks like. */
function plainPair(pair: Joined | null): Joined | null {
  if (pair === null || pair.value.isQuoted) return pair
  const { text } = pair.value
  return /^[\w!@#$%^&*+=.~-]{6,}$/.test(text) && /\d/.test(text) && /[A-Za-z]/.test(text) ? pair : null
}
