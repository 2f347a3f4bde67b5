import type { Found, Place, Recogniser } from '../words.ts'
import { isWordCode } from './edges.ts'
import { isSomeonesName } from './user-names.ts'

export const pathRecognisers: readonly Recogniser[] = [
  {
    id: 'path.user',
    type: 'USERNAME',
    trigger: {
      kind: 'literal',
      literals: ['/home/', '/users/', '\\users\\', ':/users/', '\\home\\', 'documents and settings'],
    },
    match: matchUser,
  },
  { id: 'path.share', type: 'HOST', trigger: { kind: 'literal', literals: ['\\\\'] }, match: matchShare },
]

/** The folder below `/home/`, `/Users/` (not `/users/` of an API), `C:\Users\`; backslashes may be doubled. */
function matchUser({ view, start: at, end: behind }: Place): Found | null {
  const { text } = view
  const head = text.slice(at, behind)
  if (/users/i.test(head) && head.startsWith('/') && !head.includes('Users')) return null
  if (head.startsWith('/') && at > 0 && !isPathStart(text, at)) return null
  let start = behind
  while (start - behind < 2 && /[\\/]/.test(text.charAt(start))) start++
  const name = /^[\p{L}_][\p{L}\p{N}._-]{0,63}(?: [\p{L}][\p{L}\p{N}._-]{0,31}(?=[\\/]))?/u.exec(
    text.slice(start, start + 100),
  )?.[0]
  if (name === undefined) return null
  const user = name.replace(/[.]+$/, '')
  if (!isSomeonesName(user) || /^[<${%]/.test(text.charAt(start + user.length))) return null
  // A file below /home is no home.
  if (/\.(js|ts|tsx|html|md|json|svg|png|css|py|php)$/i.test(user)) return null
  return { start, end: start + user.length, score: 0.85, isValidated: false, canonical: user.toLowerCase() }
}

/** Nothing before it, or what no name of a route or package ends with; `/mnt/c`, `/var` and drives are beginnings. */
function isPathStart(text: string, at: number): boolean {
  if (!isWordCode(text.charCodeAt(at - 1)) && !/[.})\]@~/-]/.test(text.charAt(at - 1))) return true
  return /(^|[^\w.])(\/mnt\/[a-z]|\/[a-z]|\/var|\/private|\/export|\/nfs|\/data|\/volumes\/[\w ]+|file:\/\/|[a-z]:)$/i.test(
    text.slice(Math.max(0, at - 32), at),
  )
}

/** `\\server\share`, as Windows writes it; in source text `\\d+\\s` is no server. */
function matchShare({ view, start: at, end: behind }: Place): Found | null {
  const { text } = view
  if (at > 0 && !/[\s"'`(<=,;:[]/.test(text.charAt(at - 1))) return null
  const rest = text.slice(behind, behind + 160)
  const match = /^(\\\\)?([A-Za-z0-9][\w.-]{2,62})(\\{1,2})([\w$][\w $.-]{1,80})/.exec(rest)
  if (match === null) return null
  const [, doubled = '', host = '', between = '', share = ''] = match
  if (/^(localhost|server|host|unc|wsl\$?|wsl\.localhost)$/i.test(host) || (doubled === '') !== (between.length === 1))
    return null
  if (/^[a-z]$/i.test(share)) return null
  const start = behind + doubled.length
  return { start, end: start + host.length, score: 0.8, isValidated: false, canonical: host.toLowerCase() }
}
