import { z } from 'zod'

/**
 * The data plane's shapes for the API document. Requests are read by `ask.ts`, which checks less: members that are not
 * listed here pass through to the model.
 */
export const errorEnvelope = z.looseObject({
  error: z.object({ message: z.string(), type: z.string(), code: z.string(), param: z.string().nullable() }),
})

export const chatRequest = z.looseObject({
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.string() })).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  max_tokens: z.number().int().min(1).nullish(),
  max_completion_tokens: z.number().int().min(1).nullish(),
  temperature: z.number().nullish(),
})

export const completionRequest = z.looseObject({
  model: z.string(),
  prompt: z.union([z.string(), z.array(z.unknown())]),
  stream: z.boolean().nullish(),
  max_tokens: z.number().int().min(1).nullish(),
})

export const messagesRequest = z.looseObject({
  model: z.string(),
  max_tokens: z.number().int().min(1).optional(),
  messages: z.array(z.looseObject({ role: z.string() })).min(1),
  stream: z.boolean().optional(),
})

export const responsesRequest = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(z.unknown())]),
  previous_response_id: z.string().nullish(),
  store: z.boolean().nullish(),
  stream: z.boolean().nullish(),
})

export const embeddingRequest = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(z.unknown())]),
  encoding_format: z.enum(['float', 'base64']).nullish(),
})

export const rerankRequest = z.looseObject({
  model: z.string(),
  query: z.string(),
  documents: z.array(z.unknown()).min(1),
  top_n: z.number().int().min(1).nullish(),
})

/** Answers pass as the upstream wrote them. */
export const anyAnswer = z.looseObject({})
