import { refuse } from '../asking/endings.ts'
import { openFor, type Call } from './call.ts'
import type { Whole } from './handling.ts'
import { revocationOf } from '../asking/interruptions.ts'
import { nameOf } from '../asking/addressing.ts'
import { brokenOff, malformed, wordless, type Received } from '../asking/received.ts'
import { jsonType } from '../asking/upstream-status.ts'

interface Taken {
  readonly whole: Whole & { readonly kind: 'answer' }
  readonly bytes: Uint8Array
  readonly contentType: string
}

const encoder = new TextEncoder()

/** An answer in one piece: read whole before any of it is handed on, so that another target can stand in. */
export async function answerWhole(call: Call): Promise<Response> {
  const { exchange, limits, ports } = call
  const opened = await openFor<Taken>(call, async (answer, { target, handling }): Promise<Received<Taken>> => {
    const read = await answer.bytes(limits.responseBodyBytes)
    if (read.kind === 'broken') return brokenOff(read)
    const whole = handling.whole(read.bytes)
    if (whole.kind === 'malformed') return malformed(answer, target, whole.message)
    const value = { whole, bytes: read.bytes, contentType: jsonType(answer.headers) }
    if (!whole.isEmpty) return { kind: 'taken', value }
    return { ...wordless(target), spare: value }
  })
  if (!opened.ok) return refuse(exchange, opened, call.witness)
  const { whole, bytes, contentType } = opened.value
  const revocation = revocationOf(exchange.caller)
  if (revocation) throw revocation
  if (!whole.isEmpty) exchange.firstOutput()
  const outcome = whole.isTerminal ? 'complete' : 'incomplete'
  exchange.end({ status: 200, outcome, usage: whole.usage, reason: whole.isTerminal ? null : 'no_finish_reason' })
  if (whole.response !== undefined) call.keeping?.keep(whole.response)
  const headers: Record<string, string> = {
    ...exchange.headers,
    ...opened.headers,
    'content-type': whole.body === null ? contentType : 'application/json',
  }
  if (!whole.isTerminal) {
    headers['x-hearth-error'] = 'incomplete'
    ports.log.warn('an answer has no finish_reason', { request: exchange.id, target: nameOf(opened.target) })
  }
  if (call.witness !== null) {
    call.witness.saw(whole.body === null ? bytes : encoder.encode(whole.body))
    call.witness.leave(headers['content-type'] ?? '')
  }
  return new Response(whole.body ?? (bytes as Uint8Array<ArrayBuffer>), { headers })
}
