import { CliError, exitCodes, usageError } from '../failures.ts'
import type { Terminal } from '../terminal.ts'

/** The most that is read of a file or of a pipe; the house has a limit of its own. */
const maxInputBytes = 64 * 1024 * 1024

/** What FILE holds, or what is piped in where there is none or it is `-`. Text only: bytes would be lost. */
export async function readInput(file: string | undefined, terminal: Terminal): Promise<string> {
  if (file === undefined || file === '-') {
    if (terminal.hasInputTerminal && file === undefined)
      throw usageError('Give a FILE, or pipe the text in; - reads from the terminal until Ctrl-D.')
    return decode(await readAll(Bun.stdin.stream()), 'What is piped in')
  }
  const source = Bun.file(file)
  if (!(await source.exists())) throw new CliError(exitCodes.notFound, `There is no file ${file}.`, { code: 'no_file' })
  if (source.size > maxInputBytes) throw tooLarge(file)
  return decode(new Uint8Array(await source.arrayBuffer()), file)
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.byteLength
    if (size > maxInputBytes) throw tooLarge('What is piped in')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function decode(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw usageError(`${what} is no text in UTF-8: identifiers are looked for in text only.`)
  }
}

const tooLarge = (what: string): CliError => usageError(`${what} is longer than ${maxInputBytes / 2 ** 20} MiB.`)
