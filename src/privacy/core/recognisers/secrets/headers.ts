import type { Found, Place, Recogniser } from '../../words.ts'
import { decodeBase64 } from './base64.ts'
import { hasDigit, hasLetter, isStandIn, isWordy } from './randomness.ts'

/** `Authorization: Bearer …`, `Authorization: Basic …`, `"authorization": "Token …"`. */
const authorization: Recogniser = {
  id: 'secret.http.authorization',
  type: 'SECRET',
  trigger: { kind: 'literal', literals: ['authorization'] },
  match: ({ view: { text }, end }: Place): Found | null => {
    given.lastIndex = end
    const hit = given.exec(text)
    if (hit === null) return null
    const scheme = (hit[1] ?? '').toLowerCase()
    return credentials(text, given.lastIndex, scheme)
  },
}

/** The scheme alone, as people quote it: `Bearer eyJ…`, `Basic …`. */
const scheme: Recogniser = {
  id: 'secret.http.scheme',
  type: 'SECRET',
  trigger: { kind: 'literal', literals: ['bearer', 'basic'] },
  match: ({ view: { text }, start, end }: Place): Found | null => {
    blank.lastIndex = end
    return blank.test(text) ? credentials(text, blank.lastIndex, text.slice(start, end).toLowerCase()) : null
  },
}

const given =
  /\\?["'`]?\]?[ \t]{0,4}(?:=>|[:=,])[ \t]{0,4}\\?["'`]?(?:(Bearer|Basic|Token|ApiKey|Api-Key|Splunk|SSWS|Digest|Key|Bot)[ \t]{1,4})?/iy
const blank = /[ \t]{1,4}/y
const tokenRun = /[A-Za-z0-9._~+/=:-]{6,8192}/y

function credentials(text: string, at: number, schemeName: string): Found | null {
  tokenRun.lastIndex = at
  const value = tokenRun.exec(text)?.[0].replace(/[.:]+$/, '') ?? ''
  if (value.length < 6 || isStandIn(value)) return null
  const pair = schemeName === 'basic' ? pairOf(value) : null
  if (schemeName === 'basic' && pair === null) return null
  const isLikely =
    pair !== null || (value.length >= 8 && !isWordy(value) && hasDigit(value) && hasLetter(value)) || value.length >= 40
  if (!isLikely || (pair === null && /^[a-z]+\.[a-z.]+$/i.test(value))) return null
  return {
    start: at,
    end: at + value.length,
    score: pair === null ? 0.85 : 1,
    isValidated: pair !== null,
    canonical: value,
  }
}

/** `name:password`, readable. */
function pairOf(value: string): string | null {
  const decoded = value.length >= 6 && value.length <= 1024 ? decodeBase64(value) : null
  if (decoded === null) return null
  try {
    const bytes = Uint8Array.from(decoded, (character) => character.charCodeAt(0))
    const pair = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return /^[^\x00-\x1f:]*:[^\x00-\x1f]+$/.test(pair) ? pair : null
  } catch {
    return null
  }
}

/** `session=…`, `PHPSESSID=…`, `connect.sid=…` */
const cookie: Recogniser = {
  id: 'secret.http.cookie',
  type: 'SECRET',
  trigger: { kind: 'literal', literals: ['sid=', 'sessid=', 'sess=', 'session=', 'sessionid=', 'csrftoken='] },
  match: ({ view: { text }, end }: Place): Found | null => {
    cookieRun.lastIndex = end
    const value = cookieRun.exec(text)?.[0]
    if (value === undefined || isStandIn(value) || isWordy(value) || !hasDigit(value) || !hasLetter(value)) return null
    return { start: end, end: end + value.length, score: 0.8, isValidated: false, canonical: value }
  },
}

const cookieRun = /[A-Za-z0-9._~+/=%|:!-]{16,1024}/y

export const headerRecognisers: readonly Recogniser[] = [authorization, scheme, cookie]
