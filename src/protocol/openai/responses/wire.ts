import { z } from 'zod'

/** For the API document. */
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
