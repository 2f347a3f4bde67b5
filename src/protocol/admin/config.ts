import { z } from 'zod'

export const configView = z.object({
  file: z.string().nullable().describe('The file that was read; null: there is none.'),
  settings: z.array(
    z.object({
      path: z.string(),
      value: z.unknown().describe('Secrets are told as `set` or `not set`.'),
      source: z.enum(['environment', 'file', 'overlay', 'default']),
      line: z.number().int().nullable(),
    }),
  ),
  warnings: z.array(z.string()).readonly(),
})

export type ConfigView = z.infer<typeof configView>
