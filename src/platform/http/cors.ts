import type { Connection } from './route.ts'
import type { Handler } from './router.ts'

/** What a preflight may ask for; longer lists are no client's. */
const maxAskedHeaders = 2000
const exposeHeaders =
  'x-request-id, retry-after, x-should-retry, x-hearth-error, x-hearth-route, x-ratelimit-limit-requests, ' +
  'x-ratelimit-remaining-requests, x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, ' +
  'x-ratelimit-reset-requests, x-ratelimit-reset-tokens'

/**
 * Lets pages of the listed origins call the API with a key; every other origin gets no CORS headers, which browsers
 * refuse.
 */
export function withCors(handler: Handler, allowed: () => readonly string[]): Handler {
  return (request: Request, at: Connection) => {
    const origin = request.headers.get('origin')
    if (origin === null || !isAllowed(origin, allowed())) return handler(request, at)
    if (request.method === 'OPTIONS' && request.headers.has('access-control-request-method'))
      return preflight(origin, request.headers.get('access-control-request-headers') ?? '')
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

/**
 * Every header that the page names is allowed: clients invent new ones, and none of ours gives power without a key.
 * Cookies are never allowed across origins: sessions belong to Hearth's own page.
 */
function preflight(origin: string, asked: string): Response {
  const allowed = /^[\w\-, ]*$/.test(asked) ? asked.slice(0, maxAskedHeaders) : ''
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': allowed,
      'access-control-max-age': '600',
      vary: 'origin, access-control-request-headers',
    },
  })
}
