import { z } from 'zod'

/** For the API document. Requests are read by `request.ts`. */
export const responseRequest = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(z.looseObject({}))]).optional(),
  instructions: z.string().nullish(),
  stream: z.boolean().nullish(),
  store: z.boolean().nullish(),
  background: z.boolean().nullish(),
  previous_response_id: z.string().nullish(),
  max_output_tokens: z.number().int().min(1).nullish(),
  tools: z.array(z.looseObject({ type: z.string() })).nullish(),
})

export const responseWire = z.looseObject({
  id: z.string(),
  object: z.literal('response'),
  status: z.enum(['queued', 'in_progress', 'completed', 'incomplete', 'failed', 'cancelled']),
  output: z.array(z.looseObject({ type: z.string() })),
})

export const deletedResponse = z.object({ id: z.string(), object: z.literal('response'), deleted: z.literal(true) })

export const itemPage = z.object({
  object: z.literal('list'),
  data: z.array(z.looseObject({ id: z.string(), type: z.string() })),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
  has_more: z.boolean(),
})
