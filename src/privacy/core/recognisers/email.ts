import { parse } from 'tldts'
import type { Found, Place, Recogniser } from '../words.ts'
import { isAlphanumeric, isWordCode } from './edges.ts'
import { isInternalName } from './host-names.ts'
import { isRemoteLogin } from './remote-login.ts'

/**
 * Before an `@`: RFC 5322's atoms without what nobody uses, which belongs to the text around it (`/='{|?&#*!^`, `$}~`),
 * and letters of every script (RFC 6531).
 */
function isLocalCode(code: number): boolean {
  if (code < 128) return isAlphanumeric(code) || code === 95 || code === 46 || code === 37 || code === 43 || code === 45
  return letterOrNumber.test(String.fromCharCode(code))
}

function isDomainCode(code: number): boolean {
  if (code < 128) return isAlphanumeric(code) || code === 45 || code === 46
  return letterOrNumber.test(String.fromCharCode(code))
}

const letterOrNumber = /[\p{L}\p{N}]/u
const longestLocal = 64
const longestDomain = 253

export const emails: readonly Recogniser[] = [
  {
    id: 'email',
    type: 'EMAIL',
    trigger: { kind: 'literal', literals: ['@'] },
    match: matchEmail,
  },
  {
    id: 'email.spelled',
    type: 'EMAIL',
    trigger: {
      kind: 'literal',
      literals: [
        '[at]',
        '(at)',
        '{at}',
        '<at>',
        '[@]',
        '(@)',
        ' at ',
        '[ at ]',
        '( at )',
        '_at_',
        '[ät]',
        '(ät)',
      ].filter((literal) => !/[^\x20-\x7e]/.test(literal)),
    },
    match: matchSpelled,
  },
]

function matchEmail({ view, start: at }: Place): Found | null {
  const { text } = view
  const most = domainEnd(text, at + 1)
  if (most === null) return null
  const start = localStart(text, at)
  if (start === null) return null
  const local = text.slice(start, at)
  const known = knownDomain(text.slice(at + 1, most))
  if (known === null) return null
  const { length, ...judged } = known
  const end = at + 1 + length
  const domain = text.slice(at + 1, end).toLowerCase()
  // git@github.com:owner/name and deploy@host in a command of ssh are no addresses; remote-login.ts judges them.
  if (isRemoteLogin(view.lower, start, local)) return null
  return { start, end, ...judged, canonical: `${local.toLowerCase()}@${domain}` }
}

interface Judged {
  readonly score: number
  readonly isValidated: boolean
}

/** How much of it is a domain: `example.org.pdf` is a file, and in `example.org.Thank` a blank is missing. */
function knownDomain(written: string): (Judged & { readonly length: number }) | null {
  const whole = judgeDomain(written.toLowerCase())
  if (whole !== null) return { ...whole, length: written.length }
  let domain = written
  for (let labels = 0; labels < mostForeignLabels; labels++) {
    domain = domain.slice(0, Math.max(0, domain.lastIndexOf('.')))
    if (!domain.includes('.')) return null
    const judged = judgeDomain(domain.toLowerCase())
    if (judged !== null) return { score: Math.min(judged.score, 0.85), isValidated: false, length: domain.length }
  }
  return null
}

/** `.tar.gz` has two. */
const mostForeignLabels = 2

function judgeDomain(domain: string): Judged | null {
  if (/^\[[0-9a-f.:]+\]$/.test(domain)) return { score: 0.8, isValidated: false }
  const { isIcann, isPrivate, domain: registrable } = parse(domain, { allowPrivateDomains: true })
  if ((isIcann === true || isPrivate === true) && registrable !== null) return { score: 0.95, isValidated: true }
  if (isInternalName(domain)) return { score: 0.85, isValidated: false }
  return /\.(example|test|invalid)$/.test(domain) ? { score: 0.7, isValidated: false } : null
}

/** Where the local part begins; null: there is none. */
function localStart(text: string, at: number): number | null {
  const window = Math.max(0, at - longestLocal - 2)
  const before = text.slice(window, at)
  if (before.endsWith('"')) {
    const open = before.lastIndexOf('"', before.length - 2)
    return open >= 0 && before.length - open > 2 && !before.includes('\n') ? window + open : null
  }
  // What is no letter or digit at its beginning belongs to the text around it: `'ann@…`, `=ann@…`, `{ann@…`, `/ann@…`.
  let start = before.length
  while (start > 0 && isLocalCode(before.charCodeAt(start - 1))) start--
  while (start < before.length && '.%+-'.includes(before.charAt(start))) start++
  const local = before.slice(start)
  if (local === '' || local.endsWith('.') || local.includes('..')) return null
  // Who logs in at a URL: url.ts takes the whole of it.
  return /:\/\/[^\s/@]{0,62}$/.test(before.slice(0, start)) ? null : window + start
}

/** Where the domain ends: labels with at least one dot, or an address in brackets. */
function domainEnd(text: string, from: number): number | null {
  if (text.charAt(from) === '[') {
    const literal = /\[(?:ipv6:)?[0-9a-f.:]{3,45}\]/iy
    literal.lastIndex = from
    return literal.exec(text) === null ? null : literal.lastIndex
  }
  let end = from
  while (end < text.length && end - from < longestDomain && isDomainCode(text.charCodeAt(end))) end++
  while (end > from && '.-'.includes(text.charAt(end - 1))) end--
  const labels = text.slice(from, end).split('.')
  if (labels.length < 2 || labels.some((label) => label === '' || label.length > 63 || label.startsWith('-')))
    return null
  if (text.charAt(end) === '_' || /^\d+$/.test(labels[labels.length - 1] ?? '')) return null
  return text.charAt(end) === '@' ? null : end
}

/** `ann [at] example [dot] org`, `ann at example dot org`; with plain words both must be spelled. */
function matchSpelled({ view, start: from, end: to }: Place): Found | null {
  const { text } = view
  const isBracketed = !/^( at |_at_)$/i.test(text.slice(from, to))
  // Words around `at` are seldom an address: the dot has to be spelled, too.
  if (!isBracketed && !spelledDot.test(view.lower.slice(to, to + reachAhead))) return null
  const tail = spelledDomain.exec(text.slice(to, to + reachAhead))
  if (tail === null) return null
  const [written, labels = '', top = ''] = tail
  const isDotSpelled = /dot|punkt|point|punto/i.test(labels)
  if (!isBracketed && !isDotSpelled) return null
  const end = to + written.length
  if (end < text.length && isWordCode(text.charCodeAt(end))) return null
  const dotted = labels.replace(spelledDots, '.')
  const domain = `${dotted}${top}`.replace(/ /g, '').toLowerCase()
  if (judgeDomain(domain) === null) return null
  // Last, for it may begin at many places.
  const window = Math.max(0, from - reachBack)
  const head = spelledLocal.exec(text.slice(window, from))
  if (head === null) return null
  const start = window + head.index
  const local = head[0].trim().replace(spelledDots, '.').toLowerCase()
  return { start, end, score: isBracketed ? 0.9 : 0.75, isValidated: isBracketed, canonical: `${local}@${domain}` }
}

const reachAhead = 128
const spelledDot = /dot|punkt|point|punto/
const reachBack = 96
const wordDot = '(?:[[({<] ?(?:dot|punkt|point|punto|\\.) ?[\\])}>]| (?:dot|punkt|punto) |_dot_)'
const dot = `(?:\\.|${wordDot})`
const spelledDomain = new RegExp(`^ {0,2}((?:[\\p{L}\\p{N}-]{1,63} {0,2}${dot} {0,2}){1,4})([\\p{L}]{2,24})`, 'iu')
const spelledLocal = new RegExp(
  `(?:[\\p{L}\\p{N}_%+-]{1,32} {0,2}${wordDot} {0,2}){0,3}[\\p{L}\\p{N}._%+-]{1,64} {0,2}$`,
  'iu',
)
const spelledDots = new RegExp(` *${dot} *`, 'giu')
