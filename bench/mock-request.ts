import { unchunked } from './load/answers.ts'

export interface HttpRequest {
  readonly path: string
  readonly body: string
}

/** Collects what comes on a connection and gives the requests that are whole, bodies by length or chunked. */
export function createTaker(): (bytes: Buffer) => readonly HttpRequest[] {
  let received = ''
  return (bytes) => {
    received += bytes.toString('latin1')
    const requests: HttpRequest[] = []
    for (let found = next(received); found !== null; found = next(received)) {
      requests.push(found.request)
      received = received.slice(found.length)
    }
    return requests
  }
}

function next(text: string): { readonly request: HttpRequest; readonly length: number } | null {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return null
  const head = text.slice(0, end)
  const path = head.slice(head.indexOf(' ') + 1, head.indexOf(' HTTP/')).split('?', 1)[0] ?? ''
  const bodyAt = end + 4
  if (/transfer-encoding: *chunked/i.test(head)) {
    // No body here holds the border in itself: they are one line of JSON.
    const last = text.indexOf('0\r\n\r\n', bodyAt)
    if (last === -1) return null
    return { request: { path, body: unchunked(text.slice(bodyAt, last + 5)) }, length: last + 5 }
  }
  const length = bodyAt + Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0)
  return text.length < length ? null : { request: { path, body: text.slice(bodyAt, length) }, length }
}
