import { cutTo } from './text-width.ts'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

const codes: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
}

/** Where a command's words go: answers to stdout, everything about them (remarks, progress, errors) to stderr. */
export interface Terminal {
  /** Columns of stdout; null when it is no terminal. */
  readonly width: number | null
  readonly isInteractive: boolean
  readonly hasInputTerminal: boolean
  paint(style: Style, text: string): string
  /** A line of the answer. */
  out(text: string): void
  /** A piece of the answer, as it is. */
  write(text: string): void
  /** A line about it. */
  note(text: string): void
  /** A line that the next one replaces; null wipes it. Only where stderr is a terminal. */
  transient(text: string | null): void
  /** Columns of stderr for `transient`; null when it is no terminal. */
  readonly transientWidth: number | null
  /** Takes Ctrl-C over until disposed; without a taker it ends the process with 130. */
  onInterrupt(listener: () => void): Disposable
}

interface Stream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

export function createTerminal(options: {
  readonly stdout: Stream
  readonly stderr: Stream
  readonly stdin: { readonly isTTY?: boolean }
  readonly hasColour: boolean
  readonly interrupts: { take(listener: () => void): Disposable }
}): Terminal {
  const { stdout, stderr, stdin, interrupts } = options
  const isTerminal = stdout.isTTY === true
  let hasTransient = false

  function wipe(): void {
    if (!hasTransient) return
    stderr.write('\r\u001b[K')
    hasTransient = false
  }

  return {
    width: isTerminal ? columnsOf(stdout) : null,
    isInteractive: isTerminal && stdin.isTTY === true,
    hasInputTerminal: stdin.isTTY === true,
    transientWidth: stderr.isTTY === true ? columnsOf(stderr) : null,
    paint(style, text) {
      if (!options.hasColour || !isTerminal) return text
      const [on, off] = codes[style]
      return `\u001b[${on}m${text}\u001b[${off}m`
    },
    out(text) {
      wipe()
      stdout.write(`${text}\n`)
    },
    write(text) {
      wipe()
      stdout.write(text)
    },
    note(text) {
      wipe()
      stderr.write(`${text}\n`)
    },
    transient(text) {
      if (stderr.isTTY !== true) return
      wipe()
      if (text === null) return
      stderr.write(cutTo(text, columnsOf(stderr) - 1))
      hasTransient = true
    },
    onInterrupt: (listener) => interrupts.take(listener),
  }
}

const columnsOf = (stream: Stream): number => Math.max(20, stream.columns ?? 80)
