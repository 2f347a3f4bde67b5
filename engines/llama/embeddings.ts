import { type Body, optionalNumber, optionalText, readBody, shown } from './body.ts'
import { type Engine, linkedAbort, maxBodyBytes } from './engine.ts'
import { ApiError, jsonResponse } from './errors.ts'
import type { Token } from './model.ts'
import { parseTokens } from './tokens.ts'

const maxInputs = 2048

/** `POST /v1/embeddings`. The vectors have length 1, as OpenAI's have. */
export async function embeddings(engine: Engine, request: Request): Promise<Response> {
  const body = await readBody(request, maxBodyBytes)
  const format = optionalText(body, 'encoding_format') ?? 'float'
  if (format !== 'float' && format !== 'base64') {
    const message = `"encoding_format" must be "float" or "base64", not ${shown(format)}.`
    throw new ApiError(400, message, { param: 'encoding_format' })
  }
  const size = engine.model.facts.embedding
  const dimensions = optionalNumber(body, 'dimensions', { min: 1, max: size, isWhole: true }) ?? size
  const inputs = inputsOf(engine, body)
  const { signal } = linkedAbort(request)
  const embedder = await engine.model.embedder()
  const counts = inputs.map((input) => embedder.countTokens(input))
  counts.forEach((count, at) => {
    if (count < embedder.contextSize) return
    const message = `input[${at}] has ${count} tokens; this model's context has ${embedder.contextSize}. Split the text.`
    throw new ApiError(400, message, { code: 'context_length_exceeded', param: 'input' })
  })
  const data: object[] = []
  for (const [index, input] of inputs.entries()) {
    signal.throwIfAborted()
    const vector = normalised((await embedder.embed(input)).slice(0, dimensions))
    data.push({ object: 'embedding', index, embedding: format === 'float' ? vector : base64Of(vector) })
  }
  const tokens = counts.reduce((sum, count) => sum + count, 0)
  engine.metrics.promptTokens += tokens
  return jsonResponse({
    object: 'list',
    model: engine.id,
    data,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  })
}

/** A text, a list of texts, a list of tokens, or a list of those. */
function inputsOf(engine: Engine, body: Body): readonly (string | readonly Token[])[] {
  const { input } = body
  const list = Array.isArray(input) && typeof input[0] !== 'number' ? input : [input]
  if (list.length === 0 || list.length > maxInputs) {
    throw new ApiError(400, `"input" must have 1 to ${maxInputs} entries, not ${list.length}.`, { param: 'input' })
  }
  return list.map((one: unknown) => {
    if (one === '' || (Array.isArray(one) && one.length === 0)) {
      throw new ApiError(400, '"input" must not be empty.', { param: 'input' })
    }
    return typeof one === 'string' ? one : parseTokens(engine.model, one, 'input')
  })
}

function normalised(vector: readonly number[]): readonly number[] {
  const length = Math.hypot(...vector)
  return length === 0 ? vector : vector.map((value) => value / length)
}

/** Little-endian 32-bit floats. */
function base64Of(vector: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(vector.length * 4))
  vector.forEach((value, at) => view.setFloat32(at * 4, value, true))
  return Buffer.from(view.buffer).toString('base64')
}
