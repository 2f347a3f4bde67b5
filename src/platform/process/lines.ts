/** Splits a stream of bytes into lines, each cut at `maxChars`; a carriage return ends a line too (progress bars). */
export interface LineSplitter {
  push(chunk: Uint8Array): void
  /** The stream has ended: what is left is a line. */
  end(): void
}

export function createLineSplitter(maxChars: number, onLine: (line: string) => void): LineSplitter {
  const decoder = new TextDecoder()
  let rest = ''
  const emit = (line: string) => {
    if (line !== '') onLine(line.length > maxChars ? `${line.slice(0, maxChars)}…` : line)
  }
  const take = (text: string) => {
    const pieces = (rest + text).split(/\r\n|\n|\r/)
    rest = pieces.pop() ?? ''
    for (const piece of pieces) emit(piece)
    // A program that never ends its line must not fill the memory: the line is told in parts.
    if (rest.length > maxChars) {
      emit(rest)
      rest = ''
    }
  }
  return {
    push: (chunk) => take(decoder.decode(chunk, { stream: true })),
    end() {
      take(decoder.decode())
      emit(rest)
      rest = ''
    },
  }
}
