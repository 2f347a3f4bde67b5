import { AppError } from '#kernel/errors.ts'
import { formatBytes } from '#kernel/bytes.ts'

/**
 * The whole body, or an AppError: `too_large` (before reading where the client declared its size), `client_gone` when
 * it hung up meanwhile. Slow senders are cut by the listener's idle limit, which only a fair pace refreshes (16 KB/s).
 */
export async function readBody(request: Request, limitBytes: number): Promise<Uint8Array> {
  const declared = request.headers.get('content-length')
  if (declared !== null) {
    if (Number(declared) > limitBytes) throw tooLarge(limitBytes)
    return request.bytes().catch(gone)
  }
  if (request.body === null) return new Uint8Array()
  return readCounted(request.body, limitBytes)
}

async function readCounted(body: ReadableStream<Uint8Array>, limitBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let total = 0
  const reader = body.getReader()
  for (;;) {
    const { value, done } = await reader.read().catch(gone)
    if (done) break
    total += value.byteLength
    if (total > limitBytes) {
      reader.cancel().catch(() => {})
      throw tooLarge(limitBytes)
    }
    chunks.push(value)
  }
  return Buffer.concat(chunks, total)
}

function tooLarge(limitBytes: number): AppError {
  return new AppError(
    'too_large',
    `The request's body is larger than this address takes (${formatBytes(limitBytes)}); send less, or raise the limit in the configuration.`,
    { reason: 'body_too_large' },
  )
}

function gone(cause: unknown): never {
  throw new AppError('invalid', 'The client went away while it was sending its body.', { reason: 'client_gone', cause })
}
