import type { Connection } from './route.ts'
import type { Handler } from './router.ts'

/** Headers that browsers may send and read across origins. Cookies never: sessions belong to Hearth's own page. */
const allowHeaders =
  'authorization, x-api-key, content-type, last-event-id, x-stainless-arch, x-stainless-lang, ' +
  'x-stainless-os, x-stainless-package-version, x-stainless-retry-count, x-stainless-runtime, x-stainless-runtime-version, x-stainless-timeout'
const exposeHeaders =
  'x-request-id, retry-after, x-should-retry, x-hearth-error, x-hearth-route, x-ratelimit-limit-requests, ' +
  'x-ratelimit-remaining-requests, x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens'

/**
 * Lets pages of the listed origins call the API with a key; every other origin gets no CORS headers, which browsers
 * refuse.
 */
export function withCors(handler: Handler, allowed: () => readonly string[]): Handler {
  return (request: Request, at: Connection) => {
    const origin = request.headers.get('origin')
    if (origin === null || !isAllowed(origin, allowed())) return handler(request, at)
    if (request.method === 'OPTIONS' && request.headers.has('access-control-request-method')) return preflight(origin)
    return Promise.resolve(handler(request, at)).then((response) => {
      response.headers.set('access-control-allow-origin', origin)
      response.headers.set('access-control-expose-headers', exposeHeaders)
      response.headers.append('vary', 'origin')
      return response
    })
  }
}

const isAllowed = (origin: string, allowed: readonly string[]): boolean =>
  allowed.includes(origin) || allowed.includes('*')

function preflight(origin: string): Response {
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': allowHeaders,
      'access-control-max-age': '600',
      vary: 'origin',
    },
  })
}
