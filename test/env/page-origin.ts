/** A place for parts of the page that run without a browser: paths lead to a server, and its cookie goes along. */
export interface PageOrigin extends Disposable {
  /** The requests so far, as `GET /api/session`. */
  readonly asked: readonly string[]
}

/** Until it is disposed, `fetch('/path')` asks `url`. A test that uses it must await all it began. */
export function standAt(url: string, cookie = ''): PageOrigin {
  const asked: string[] = []
  const plain = globalThis.fetch
  const fetchHere = (input: Parameters<typeof fetch>[0], init: RequestInit = {}) => {
    if (typeof input !== 'string' || !input.startsWith('/')) return plain(input, init)
    asked.push(`${init.method ?? 'GET'} ${input}`)
    const headers = new Headers(init.headers)
    if (cookie !== '') headers.set('cookie', cookie)
    return plain(new URL(input, url), { ...init, headers })
  }
  globalThis.fetch = Object.assign(fetchHere, plain)
  return {
    asked,
    [Symbol.dispose]() {
      globalThis.fetch = plain
    },
  }
}
