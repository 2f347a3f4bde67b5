/** A place for parts of the page that run without a browser: paths lead to a server, and who one is goes along. */
export interface PageOrigin extends Disposable {
  /** The requests so far, as `GET /api/session`. */
  readonly asked: readonly string[]
}

/** Until it is disposed, `fetch('/path')` asks `url`. A test that uses it must await all it began. */
export function standAt(url: string, who: Readonly<Record<string, string>> = {}): PageOrigin {
  const asked: string[] = []
  const plain = globalThis.fetch
  const fetchHere = (input: Parameters<typeof fetch>[0], init: RequestInit = {}) => {
    if (typeof input !== 'string' || !input.startsWith('/')) return plain(input, init)
    asked.push(`${init.method ?? 'GET'} ${input}`)
    const headers = new Headers(init.headers)
    for (const [name, value] of Object.entries(who)) headers.set(name, value)
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
