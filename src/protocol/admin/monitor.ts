import { z } from 'zod'
import { tlsSummary } from './tls.ts'

export const health = z.object({ status: z.literal('ok'), version: z.string(), uptimeSeconds: z.number() })

export const readiness = z.object({ status: z.enum(['ready', 'starting', 'draining']) })

export const status = z.object({
  version: z.string(),
  startedAt: z.iso.datetime(),
  uptimeSeconds: z.number(),
  address: z.string(),
  tls: tlsSummary.nullable().describe('HTTPS; null: there is none.'),
  home: z.string(),
  database: z.enum(['sqlite', 'postgresql']),
  warnings: z.array(z.string()).readonly(),
  egress: z.object({ cloudText: z.enum(['scrub', 'deny', 'raw']) }),
  memory: z.object({
    budgetBytes: z.number().nullable(),
    usedBytes: z.number().nullable(),
    from: z.enum(['configured', 'measured']),
  }),
  upstreams: z
    .array(
      z.object({
        name: z.string(),
        kind: z.string(),
        baseUrl: z.string(),
        locality: z.enum(['host', 'lan', 'cloud']).nullable().describe('null: not declared; judged by its addresses.'),
        models: z.number().nullable(),
        isReachable: z.boolean().nullable().describe('null: not tried yet.'),
        lastError: z.string().nullable(),
      }),
    )
    .readonly(),
})

export type Status = z.infer<typeof status>
