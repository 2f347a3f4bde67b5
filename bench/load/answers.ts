/** A request, and what its answer must hold: without that a gateway would be fast that answers nothing. */
export interface Prepared {
  readonly request: string
  /** In this order. */
  readonly words: readonly string[]
  /** What only a whole answer has. */
  readonly last: string
}

export interface Answer {
  readonly status: number
  /** Without the marks of its transfer. */
  readonly body: string
  /** All of it came. */
  readonly isWhole: boolean
}

export const noAnswer: Answer = { status: 0, body: '', isWhole: false }

export function isGood({ status, body, isWhole }: Answer, { words, last }: Prepared): boolean {
  if (status !== 200 || !isWhole) return false
  let from = 0
  for (const word of words) {
    const at = body.indexOf(word, from)
    if (at === -1) return false
    from = at + word.length
  }
  return body.includes(last)
}

/** The body of a chunked message; what is no such body stays as it is. */
export function unchunked(text: string): string {
  let body = ''
  for (let from = 0; from < text.length;) {
    const line = text.indexOf('\r\n', from)
    const length = line === -1 ? Number.NaN : Number.parseInt(text.slice(from, line), 16)
    if (Number.isNaN(length)) return text
    if (length === 0) return body
    body += text.slice(line + 2, line + 2 + length)
    from = line + 2 + length + 2
  }
  return body
}
