import { reach, type Found, type Place, type Recogniser } from '../../words.ts'
import { isEscape } from './compile.ts'
import { classesOf, entropy, isExampleToken, isMonotonous, isWordy } from './randomness.ts'

/**
 * A long run of chance that nothing names: replaced when a word of secrets stands shortly before it, or when it is so
 * long and so mixed that nothing else looks like that. Digests, ids, integrity values and data are none.
 */
export const opaqueRecogniser: Recogniser = {
  id: 'secret.generic.opaque',
  type: 'SECRET',
  trigger: { kind: 'token', min: 16, max: 160 },
  match: ({ view: { text }, start, end }: Place): Found | null => {
    const begin = edge(text, start, -1)
    const to = edge(text, end, 1)
    if (begin === null || to === null) return null
    const from = begin + (isEscape(text, begin) ? 1 : 0)
    const value = text.slice(from, to)
    if (value.length < 32 || isExampleToken(value) || isMonotonous(value) || isWordy(value) || isUuid.test(value))
      return null
    if (isIntegrity.test(value) || isOneOfLines(text, from, to)) return null
    const before = text.slice(Math.max(0, from - 56), from)
    if (notBefore.test(before) || isPath(value) || isMember(text, from, to)) return null
    const isNamed = named.test(before)
    const score = isHex.test(value) ? (isNamed ? 0.7 : 0) : mixedScore(value, isNamed)
    return score === 0 ? null : { start: from, end: to, score, isValidated: false, canonical: value }
  },
}

const isUuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i
const isHex = /^[0-9a-f]+$/i
/** Subresource integrity, image digests, lock files. */
const isIntegrity = /^(?:sha\d{1,3}|md5|h1)[-:=]/i
const secretWords = [
  ...['secret', 'token', 'password', 'passwort', 'kennwort', 'credential', 'bearer', 'schl[uü]ssel'],
  ...['api[ _-]?key', '(?:my|the|mein|private|access|auth)[ _-]?key'],
]
const named = new RegExp(`(?:${secretWords.join('|')}|\\bpat)\\b[^\\n]{0,24}$`, 'i')
const digestWords = [
  ...['sha-?\\d*', 'md5', 'integrity', 'commit', 'digest', 'checksum', 'hash', 'etag', 'revision', 'base64,', 'nonce'],
  ...['fingerprint', 'blob', 'tree', 'certificate', 'public[ _-]?key', 'ssh-\\S{3,24}'],
]
/** Names of digests and public keys; the lines of PuTTY's public half; the path of an address. */
const notBefore = new RegExp(
  `(?:${digestWords.join('|')})\\W{0,4}(?:\\w{0,8}\\W{0,3})?$|-lines:\\s\\d{1,3}\\s{1,4}$|https?://\\S*$`,
  'i',
)

/** Three kinds of characters, and as little order as chance has. */
function mixedScore(value: string, isNamed: boolean): number {
  if (value.length < 40 || classesOf(value.replace(/[^A-Za-z0-9]/g, '')) < 3) return 0
  const bits = entropy(value)
  if (isNamed) return bits >= 4.5 ? 0.75 : 0
  return bits >= 4.7 && changesOf(value) >= value.length * 0.3 && value.length <= 128 ? 0.6 : 0
}

/** How often digit, lower and upper case follow one another: names change seldom, chance all the time. */
function changesOf(value: string): number {
  let changes = 0
  for (let index = 1; index < value.length; index++) if (kindAt(value, index) !== kindAt(value, index - 1)) changes++
  return changes
}

function kindAt(value: string, index: number): number {
  const code = value.charCodeAt(index)
  if (code >= 97 && code <= 122) return 0
  if (code >= 65 && code <= 90) return 1
  return code >= 48 && code <= 57 ? 2 : 3
}

/** The end of the run in one direction; null: it goes on further than a secret does, so it is data. */
function edge(text: string, from: number, step: 1 | -1): number | null {
  let at = from
  for (let walked = 0; walked < reach; walked++) {
    const character = text.charAt(step > 0 ? at : at - 1)
    if (character === '' || !/[A-Za-z0-9_+/-]/.test(character)) return step > 0 ? paddedEnd(text, at) : at
    at += step
  }
  return null
}

/** `=` belongs to the end of base64 only: before a run it joins a name and its value. */
function paddedEnd(text: string, at: number): number {
  let end = at
  while (end - at < 2 && text.charAt(end) === '=') end++
  return /[A-Za-z0-9_]/.test(text.charAt(end)) ? at : end
}

/** A certificate, a picture, a file: lines of base64 above or below it. */
function isOneOfLines(text: string, from: number, to: number): boolean {
  return lineAbove.test(text.slice(Math.max(0, from - 64), from)) || lineBelow.test(text.slice(to, to + 64))
}

const lineAbove =
  /[A-Za-z0-9+/]{32}(?:\\[nr]|[\r\n]){1,4}[ \t>"'+]{0,12}$|-----BEGIN [A-Z ]{1,30}-----(?:\\[nr]|\s){1,4}$/
const lineBelow = /^(?:\\[nr]|[\r\n]){1,4}[ \t>"'+]{0,12}(?:[A-Za-z0-9+/]{32}|-----END )/

function isPath(value: string): boolean {
  const pieces = value.split('/')
  return (
    value.startsWith('/') || (pieces.length > 2 && pieces.filter((piece) => isWordy(piece)).length * 2 > pieces.length)
  )
}

/** `a.b`, `f(`: a piece of a program, a host, a file. */
function isMember(text: string, from: number, to: number): boolean {
  return /[\w)\]]\.$/.test(text.slice(Math.max(0, from - 2), from)) || /^(?:\.\w|\(|\[)/.test(text.slice(to, to + 2))
}
