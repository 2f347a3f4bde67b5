import { AppError } from '#kernel/errors.ts'
import { modelName } from '#kernel/ids.ts'
import type { DataClass } from '#kernel/words.ts'
import type { Exchange } from '#passage/exchange.ts'
import type { Outbound } from '#platform/egress/contract.ts'
import type { Spool } from '#platform/files/spool.ts'
import { readBody } from '#platform/http/body.ts'
import { spliceMembers } from '#protocol/json/bytes.ts'
import { boundaryOf, editedLength, formType, modelEdits, MultipartScan } from '#protocol/openai/multipart.ts'
import { checkedModel } from '#protocol/json/body.ts'
import { checkForm, readPlainAsk, type PlainEndpoint } from '#protocol/openai/plain.ts'
import { choose } from '../../core/choose.ts'
import { clientGone, modelNotAllowed, uploadTooLarge } from '../../errors.ts'
import type { PassPorts } from './pass-ports.ts'

/** A request that passes as it is, as far as Hearth must know it. */
export interface PassAsk {
  readonly model: string
  readonly isStream: boolean
  readonly data: readonly DataClass[]
  /** Bytes of text in it, for what it takes from a key's tokens per minute. */
  readonly textBytes: number
  /** What a log of bodies may keep of it; null: a form, which holds sound or pictures. */
  readonly kept: Uint8Array | null
  /** The body with the name that the target knows the model by, and its type. */
  body(model: string): { readonly body: Outbound['body']; readonly contentType: string }
}

/** Reads the body of a request to a plain endpoint. Throws AppError. */
export function readPassAsk(
  ports: PassPorts,
  endpoint: PlainEndpoint,
  request: Request,
  exchange: Exchange,
): Promise<PassAsk> {
  return endpoint.body === 'form' ? readForm(ports, endpoint, request, exchange) : readJson(ports, endpoint, request)
}

async function readJson(ports: PassPorts, endpoint: PlainEndpoint, request: Request): Promise<PassAsk> {
  const bytes = await readBody(request, ports.limits().requestBodyBytes)
  const { model, isModelRepeated, isStream, data } = readPlainAsk(endpoint, bytes)
  return {
    model,
    isStream,
    data,
    textBytes: bytes.length,
    kept: bytes,
    body: (name) => ({
      // Set also where it is named twice: what was allowed is what is asked for, whichever one the other side takes.
      body: name === model && !isModelRepeated ? bytes : spliceMembers(bytes, { model: JSON.stringify(name) }),
      contentType: 'application/json',
    }),
  }
}

const fields: ReadonlySet<string> = new Set(['model', 'stream'])

/**
 * A form waits until it is whole, in memory or in a file: a slow client does not hold a place, another target can be
 * asked, and the model may stand behind the file. What comes after a model that this key may not use is not waited for.
 */
async function readForm(
  ports: PassPorts,
  endpoint: PlainEndpoint,
  request: Request,
  exchange: Exchange,
): Promise<PassAsk> {
  const boundary = boundaryOf(request.headers.get('content-type'))
  const scan = new MultipartScan({ boundary, valuesOf: fields })
  const spool = ports.spool.begin()
  exchange.hold(() => void spool[Symbol.asyncDispose]().catch((error: unknown) => logLost(ports, error)))
  let isModelSeen = false
  await receive(ports, request, spool, (chunk) => {
    scan.push(chunk)
    const model = isModelSeen ? null : scan.value('model')
    if (model === null) return
    isModelSeen = true
    mustBeAllowed(ports, exchange, checkedModel(model))
  })
  const parts = scan.finish()
  const models = parts.filter(({ name }) => name === 'model')
  if (models.some(({ value }) => value === null)) checkedModel(null)
  checkForm(
    endpoint,
    parts.map(({ name }) => name),
  )
  return {
    model: checkedModel(scan.value('model')),
    isStream: /^(true|1)$/i.test(scan.value('stream') ?? ''),
    data: endpoint.data({}),
    textBytes: parts.reduce((sum, part) => (part.fileName === null ? sum + part.end - part.start : sum), 0),
    kept: null,
    body(name) {
      if (/[\0-\x1f]/.test(name)) throw unfit()
      const edits = modelEdits(parts, name)
      const lengthBytes = editedLength(spool.length, edits)
      return {
        body: { lengthBytes, isRepeatable: true, open: () => spool.read(edits) },
        contentType: formType(boundary),
      }
    },
  }
}

function mustBeAllowed(ports: PassPorts, { caller }: Exchange, text: string): void {
  const model = modelName(text)
  if (choose(ports.snapshot(), model, (name) => caller.mayUse(name)).kind === 'not_allowed')
    throw modelNotAllowed(model)
}

async function receive(
  ports: PassPorts,
  request: Request,
  spool: Spool,
  look: (chunk: Uint8Array) => void,
): Promise<void> {
  const limit = ports.passLimits().uploadBodyBytes
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw uploadTooLarge(limit)
  const lateAt = ports.clock.mono() + ports.limits().deadlines.totalMs
  const reader = request.body?.getReader()
  for (;;) {
    const { value } = (await reader?.read().catch(gone)) ?? {}
    if (value === undefined) return
    const isLate = ports.clock.mono() > lateAt
    try {
      if (spool.length + value.length > limit) throw uploadTooLarge(limit)
      if (isLate) throw new AppError('timeout', 'The upload took too long.', { reason: 'upload_timeout' })
      look(value)
      await spool.write(value)
    } catch (error) {
      reader?.cancel().catch(() => undefined)
      throw error
    }
  }
}

function gone(): never {
  throw clientGone()
}

function unfit(): AppError {
  return new AppError('invalid', 'model: It holds letters that no form can carry.', {
    reason: 'invalid_request',
    param: 'model',
  })
}

function logLost({ log }: PassPorts, error: unknown): void {
  log.warn('the file of an upload could not be closed', { error })
}
