import { z } from 'zod'

/** An entry of `/v1/models`: OpenAI's members and, apart from them, what Hearth knows more. */
export const modelCard = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.number().int().describe('Seconds since 1970.'),
  owned_by: z.string().describe("`hearth` for local models, the upstream's name otherwise."),
  hearth: z.object({
    state: z.string().describe("A local model's state, or `external`."),
    label: z.string().nullable(),
    capabilities: z.array(z.string()).readonly().nullable().describe('null: unknown.'),
    context: z
      .number()
      .int()
      .nullable()
      .describe('Tokens of prompt and answer together: the smallest known of all who may answer. null: unknown.'),
  }),
})

export const modelCards = z.object({ object: z.literal('list'), data: z.array(modelCard) })

export type ModelCard = z.infer<typeof modelCard>
