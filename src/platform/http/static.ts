import { statSync } from 'node:fs'
import { extname, join } from 'node:path'

/**
 * The page may load from its own origin only, runs no inline script or style, is framed by nobody and posts no form.
 */
export const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "form-action 'none'",
].join('; ')

/** A file of any other kind is not served: what lies in the folder by accident stays there. */
const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
}

const guardHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': pagePolicy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/**
 * Plain names only: no `%`, no backslash, and no part that begins with a dot, so nothing outside the folder can be
 * named.
 */
const plainPath = /^(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/

const notBuilt =
  'The page is not built. Run `npm ci` in the checkout of Hearth, then load this address again. The API works without it.\n'

/**
 * Serves the built page from `directory`. Answers null for whatever is not a file of the page, so that the caller
 * goes on to its own routes. `/` alone is the page; its places are told apart after the `#`, so no other path falls
 * back to it. Names under `/assets/` hold a hash of their content and are cached for ever; all else is asked for
 * again each time.
 */
export function createPage(options: { readonly directory: string }): (request: Request) => Response | null {
  return (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return null
    const { pathname } = new URL(request.url)
    const file = findFile(options.directory, pathname === '/' ? '/index.html' : pathname)
    if (!file) return pathname === '/' ? textResponse(request, 503, notBuilt) : null
    const headers = {
      ...guardHeaders,
      'content-type': file.contentType,
      'cache-control': pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      etag: file.etag,
    }
    if (request.headers.get('if-none-match') === file.etag) return new Response(null, { status: 304, headers })
    if (request.method === 'HEAD') {
      return new Response(null, { headers: { ...headers, 'content-length': String(file.sizeBytes) } })
    }
    return new Response(Bun.file(file.path), { headers })
  }
}

interface PageFile {
  readonly path: string
  readonly contentType: string
  readonly etag: string
  readonly sizeBytes: number
}

function findFile(directory: string, pathname: string): PageFile | null {
  const contentType = contentTypes[extname(pathname)]
  if (!contentType || !plainPath.test(pathname)) return null
  const path = join(directory, pathname)
  const seen = statSync(path, { throwIfNoEntry: false })
  if (!seen?.isFile()) return null
  const etag = `"${seen.size.toString(36)}-${Math.round(seen.mtimeMs).toString(36)}"`
  return { path, contentType, etag, sizeBytes: seen.size }
}

function textResponse(request: Request, status: number, text: string): Response {
  const headers = { ...guardHeaders, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }
  return new Response(request.method === 'HEAD' ? null : text, { status, headers })
}
