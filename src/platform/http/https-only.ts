import { AppError } from '#kernel/errors.ts'
import { isLiteralAddress } from '#platform/egress/addresses.ts'
import type { Logger } from '#platform/log/logger.ts'
import { errorResponse } from './errors.ts'
import type { Handler } from './router.ts'

export interface HttpsOnlyOptions {
  /** The port of HTTPS on the same host. */
  readonly port: () => number
  /** The address that people use, where they named one. */
  readonly publicUrl: () => string | null
  readonly log: Logger
}

/**
 * What plain HTTP answers where everything is to be encrypted. A person who opens a page is sent on. A program is not:
 * its key has crossed the network in clear by then, and being sent on would hide that for ever.
 */
export function httpsOnly({ port, publicUrl, log }: HttpsOnlyOptions): Handler {
  return (request) => {
    const url = new URL(request.url)
    const named = publicUrl()
    const origin = named?.startsWith('https://') ? new URL(named).origin : `https://${url.hostname}:${port()}`
    if (isPage(request)) {
      const headers = { location: `${origin}${url.pathname}${url.search}`, 'cache-control': 'no-store' }
      return new Response(null, { status: 308, headers })
    }
    const message =
      `This house answers over HTTPS only: use ${origin}. If a key was sent with this request, it went over the network ` +
      'unencrypted: rotate it where others can listen.'
    return errorResponse(new AppError('forbidden', message, { reason: 'https_required' }), log)
  }
}

/** A browser that opens a page says that it wants HTML, and sends no key. */
function isPage({ method, headers }: Request): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  return (headers.get('accept') ?? '').includes('text/html') && !headers.has('authorization')
}

const oneYear = 'max-age=31536000'

/**
 * Browsers that were here once come over HTTPS from then on (RFC 6797). Not said for `localhost`, where it would hold
 * for every other program of that machine too, nor for addresses, for which browsers ignore it.
 */
export function withStrictTransport(handler: Handler): Handler {
  return (request, at) => {
    if (!isStrictHost(request.headers.get('host') ?? '')) return handler(request, at)
    return Promise.resolve(handler(request, at)).then((response) => {
      response.headers.set('strict-transport-security', oneYear)
      return response
    })
  }
}

function isStrictHost(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  return name !== '' && name !== 'localhost' && !name.endsWith('.localhost') && !isLiteralAddress(name)
}
