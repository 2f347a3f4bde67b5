import { z } from 'zod'

/** Shapes for the API document; requests are read by `read-request.ts`. */
export const anthropicError = z.looseObject({
  type: z.literal('error'),
  error: z.looseObject({ type: z.string(), message: z.string() }),
  request_id: z.string(),
})

export const countTokensRequest = z.looseObject({
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.string() })).min(1),
  system: z.union([z.string(), z.array(z.unknown())]).optional(),
  tools: z.array(z.unknown()).optional(),
})

export const countTokensAnswer = z.object({ input_tokens: z.number().int() })
