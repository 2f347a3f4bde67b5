import type { Found, Place, Recogniser } from '../../words.ts'
import { decodeBase64 } from './base64.ts'
import { isEscape } from './compile.ts'

/** JSON web tokens, signed (three parts) and encrypted (five): the header must be JSON with an algorithm. */
export const jwtRecogniser: Recogniser = {
  id: 'secret.generic.jwt',
  type: 'SECRET',
  trigger: { kind: 'literal', literals: ['eyj'] },
  match: ({ view: { text }, start }: Place): Found | null => {
    if (!isBeginning(text, start)) return null
    headerRun.lastIndex = start
    const header = headerRun.exec(text)?.[1]
    if (header === undefined) return null
    rest.lastIndex = headerRun.lastIndex
    const tail = rest.exec(text)?.[0]
    if (tail === undefined) return null
    const isProven = hasAlgorithm(header)
    if (!isProven && !tail.startsWith('eyJ')) return null
    const end = rest.lastIndex
    const canonical = text.slice(start, end)
    return { start, end, score: isProven ? 1 : 0.9, isValidated: isProven, canonical }
  },
}

/** The longest header and the longest of the parts behind it. */
const headerRun = /(eyJ[A-Za-z0-9_-]{9,1024})\./y
const rest = /[A-Za-z0-9_-]{0,8192}\.[A-Za-z0-9_-]{8,4096}(?:\.[A-Za-z0-9_-]{8,8192}\.[A-Za-z0-9_-]{16,64})?={0,2}/y

/** No part of a longer run: what stands behind the first dot begins with `eyJ` too. */
function isBeginning(text: string, at: number): boolean {
  return !/[A-Za-z0-9_.-]/.test(text.charAt(at - 1)) || isEscape(text, at - 1)
}

function hasAlgorithm(header: string): boolean {
  try {
    const parsed: unknown = JSON.parse(decodeBase64(header) ?? '')
    return typeof parsed === 'object' && parsed !== null && ('alg' in parsed || 'enc' in parsed)
  } catch {
    return false
  }
}

/** Discord's tokens of bots and of people: the account's number in base64, a time, and a signature. */
export const discordRecogniser: Recogniser = {
  id: 'secret.discord.token',
  type: 'SECRET',
  trigger: { kind: 'token', min: 22, max: 29 },
  match: ({ view: { text }, start, end }: Place): Found | null => {
    tail.lastIndex = end
    if (text.charAt(end) !== '.' || !tail.test(text)) return null
    const from = start + (isEscape(text, start) ? 1 : 0)
    if (!/^\d{17,20}$/.test(decodeBase64(text.slice(from, end)) ?? '')) return null
    const to = tail.lastIndex
    return { start: from, end: to, score: 1, isValidated: true, canonical: text.slice(from, to) }
  },
}

const tail = /\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}(?![A-Za-z0-9_])/y
