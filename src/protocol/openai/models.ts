import { z } from 'zod'

/** An entry of `/v1/models`: OpenAI's members and, apart from them, what Hearth knows more. */
export const modelCard = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.number().int().describe('Seconds since 1970.'),
  owned_by: z.string().describe("`hearth` for local models, the upstream's name otherwise."),
  name: z.string().optional().describe('What people call it, where the catalogue knows it.'),
  context_length: z.number().int().optional().describe('As `hearth.context`, where it is known.'),
  max_output_tokens: z.number().int().optional().describe('The longest answer.'),
  architecture: z
    .object({ input_modalities: z.array(z.string()).readonly(), output_modalities: z.array(z.string()).readonly() })
    .optional(),
  pricing: z
    .object({ prompt: z.string(), completion: z.string(), input_cache_read: z.string().optional() })
    .optional()
    .describe('Dollars for one token, as text.'),
  top_provider: z
    .object({ context_length: z.number().int().nullable(), max_completion_tokens: z.number().int() })
    .optional(),
  supported_parameters: z.array(z.string()).readonly().optional(),
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
