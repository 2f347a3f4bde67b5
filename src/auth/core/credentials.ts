import { keyTextForm } from './key-text.ts'

/** What a request presents in its headers. `key` is not checked yet. */
export type Presented =
  | { readonly kind: 'key'; readonly text: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed'; readonly message: string }

const howTo = `Send \`Authorization: Bearer hk-…\` or \`x-api-key: hk-…\``

export const missingKey = `A key is needed. ${howTo}; \`hearth keys create\` makes one.`

/** A malformed key's text is never repeated: it may be a secret with one letter missing. */
export const malformedKey = `The key is not of the form ${keyTextForm}. ${howTo}, whole and without quotes.`

/** Both headers may be there when they say the same. */
export function presentedKey(authorization: string | null, apiKey: string | null): Presented {
  if (authorization === null) {
    if (apiKey === null) return { kind: 'none' }
    return apiKey.trim() === '' ? emptyHeader('x-api-key') : { kind: 'key', text: apiKey.trim() }
  }
  const bearer = bearerToken(authorization)
  if (bearer === null) {
    const message = `The Authorization header is not of the kind Bearer. ${howTo}.`
    return { kind: 'malformed', message }
  }
  if (bearer === '') return emptyHeader('Authorization')
  if (apiKey !== null && apiKey.trim() !== bearer) {
    return { kind: 'malformed', message: 'Authorization and x-api-key hold different keys; send one of them.' }
  }
  return { kind: 'key', text: bearer }
}

/** The token after `Bearer`, in any case of letters; '' when there is none; null for another scheme. */
function bearerToken(authorization: string): string | null {
  if (authorization.startsWith('Bearer ')) return authorization.slice(7).trim()
  const scheme = authorization.slice(0, 7).toLowerCase()
  return scheme === 'bearer ' || scheme === 'bearer' || scheme === '' ? authorization.slice(7).trim() : null
}

function emptyHeader(name: string): Presented {
  const message = `The ${name} header holds no key. ${howTo}; is the variable that should hold it set?`
  return { kind: 'malformed', message }
}
