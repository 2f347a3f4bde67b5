import { isObject, optionalBoolean, optionalNumber, readBody, requiredText, shown } from './body.ts'
import { type Engine, linkedAbort, maxBodyBytes } from './engine.ts'
import { ApiError, jsonResponse } from './errors.ts'

const maxDocuments = 4096

/** `POST /v1/rerank` in the shape of Jina and Cohere: `{query, documents, top_n?, return_documents?}`. */
export async function rerank(engine: Engine, request: Request): Promise<Response> {
  const body = await readBody(request, maxBodyBytes)
  const query = requiredText(body, 'query')
  const documents = documentsOf(body.documents)
  const top = optionalNumber(body, 'top_n', { min: 1, max: Number.MAX_SAFE_INTEGER, isWhole: true }) ?? documents.length
  const isReturned = optionalBoolean(body, 'return_documents') ?? false
  if (!engine.model.facts.canRank) {
    const message = `The model "${engine.id}" has no rank head: it cannot rerank. Use a reranker's GGUF file.`
    throw new ApiError(400, message, { code: 'unsupported_operation' })
  }
  const { signal } = linkedAbort(request)
  const ranker = await engine.model.ranker()
  let tokens = 0
  for (const [at, document] of documents.entries()) {
    const count = ranker.countTokens(query, document)
    tokens += count
    if (count < ranker.contextSize) continue
    const message = `documents[${at}] and the query have ${count} tokens; this model's context has ${ranker.contextSize}.`
    throw new ApiError(400, message, { code: 'context_length_exceeded', param: 'documents' })
  }
  const results: { index: number; relevance_score: number; document?: { text: string } }[] = []
  for (const [index, document] of documents.entries()) {
    signal.throwIfAborted()
    const score = await ranker.rank(query, document)
    results.push({ index, relevance_score: score, ...(isReturned ? { document: { text: document } } : {}) })
  }
  results.sort((a, b) => b.relevance_score - a.relevance_score || a.index - b.index)
  engine.metrics.promptTokens += tokens
  return jsonResponse({
    object: 'list',
    model: engine.id,
    results: results.slice(0, top),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  })
}

function documentsOf(value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > maxDocuments) {
    throw new ApiError(400, `"documents" must be a list of 1 to ${maxDocuments} documents.`, { param: 'documents' })
  }
  return value.map((document: unknown, at) => {
    const text = isObject(document) ? document.text : document
    if (typeof text === 'string') return text
    const message = `documents[${at}] must be a text or {"text": …}, not ${shown(document)}.`
    throw new ApiError(400, message, { param: 'documents' })
  })
}
