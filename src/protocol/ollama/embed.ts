import { AppError } from '../../kernel/errors.ts'
import type { Json } from '../conversation/conversation.ts'
import type { Reshape } from '../conversation/dialect.ts'
import { numberOf, objectsOf, optionalNumber, optionalTexts, wantedSomeText, wrong } from '../json/members.ts'
import { countsOf } from '../openai/chat/counts.ts'

/** Ollama's `/api/embed` onto `/v1/embeddings`: many texts. Whether too long ones are cut is the engine's to decide. */
export const ollamaEmbed: Reshape = {
  request(body) {
    const { input } = body
    if (typeof input !== 'string' && !Array.isArray(input)) throw wrong('input', 'a text or a list of texts', input)
    const dimensions = optionalNumber(body.dimensions, 'dimensions')
    return {
      model: wantedSomeText(body.model, 'model'),
      input: typeof input === 'string' ? input : optionalTexts(body.input, 'input'),
      encoding_format: 'float',
      ...(dimensions === null ? {} : { dimensions }),
    }
  },
  answer(body, asked, { elapsedMs }) {
    const { promptTokens } = countsOf(body)
    return {
      model: asked['model'],
      embeddings: vectorsOf(body),
      total_duration: Math.round(elapsedMs() * 1_000_000),
      ...(promptTokens === null ? {} : { prompt_eval_count: promptTokens }),
    }
  },
}

/** Its predecessor `/api/embeddings`: one text. */
export const ollamaEmbeddings: Reshape = {
  request: (body) => ({
    model: wantedSomeText(body.model, 'model'),
    input: wantedSomeText(body.prompt, 'prompt'),
    encoding_format: 'float',
  }),
  answer: (body) => ({ embedding: vectorsOf(body)[0] ?? [] }),
}

/** In the order of what was asked. */
function vectorsOf(body: Json): readonly (readonly unknown[])[] {
  const data = [...objectsOf(body.data)].sort((a, b) => (numberOf(a.index) ?? 0) - (numberOf(b.index) ?? 0))
  return data.map(({ embedding }): readonly unknown[] => {
    if (Array.isArray(embedding)) return embedding
    throw new AppError('upstream', 'The model sent its embeddings as something else than lists of numbers.', {
      reason: 'upstream_malformed',
    })
  })
}
