export interface OriginFacts {
  /** Null = unknown: judged as one that changes something. */
  readonly method: string | null
  readonly origin: string | null
  readonly secFetchSite: string | null
  readonly host: string | null
  /** The address people use; behind a proxy the Host header may be another one. */
  readonly publicUrl: string
}

/**
 * Whether a request that is proved by a cookie alone comes from our own page; null = yes, else why not.
 * 1. A browser that says it was another site's page (`Sec-Fetch-Site`, `Origin`) is believed.
 * 2. What only reads needs no more: the answer of a foreign request cannot be read by its page.
 * 3. What changes something needs proof that it is ours. The cookie is SameSite=Strict, but another port or a subdomain
 * of
 *    this host is the same site.
 */
export function judgeSessionOrigin(facts: OriginFacts): string | null {
  const { method, origin, secFetchSite, host } = facts
  const isOwnOrigin = origin !== null && (origin === originOf(facts.publicUrl) || hostOf(origin) === host)
  // 1
  if (origin !== null && !isOwnOrigin) {
    return `This sign-in belongs to another page: the request came from ${origin.slice(0, 200)}. Use an API key there.`
  }
  if (secFetchSite !== null && secFetchSite !== 'same-origin' && secFetchSite !== 'none') {
    return `This sign-in belongs to another page: the browser calls the request ${secFetchSite.slice(0, 40)}.`
  }
  // 2
  if (method === 'GET' || method === 'HEAD') return null
  // 3
  if (isOwnOrigin || secFetchSite === 'same-origin') return null
  return 'A signed-in page must say where its request comes from (Origin or Sec-Fetch-Site). Elsewhere use an API key.'
}

/** `null` (a sandboxed frame) and nonsense have no host. */
function hostOf(origin: string): string {
  const rest = origin.startsWith('https://') ? origin.slice(8) : origin.startsWith('http://') ? origin.slice(7) : ''
  return rest === '' ? 'none' : rest
}

function originOf(url: string): string {
  return new URL(url).origin
}
