import { z } from 'zod'

/** Shapes of `/api/routes`: who answers for which name, and how they are. null = unknown, never 0. */

export const targetView = z.object({
  deployment: z.string().describe('`model:<id>` or `upstream:<name>`.'),
  upstream: z.string().describe('An upstream’s name, or `local`.'),
  model: z.string().describe('The model’s name there.'),
  locality: z.enum(['host', 'lan', 'cloud']).nullable(),
  weight: z.number(),
  priority: z.number().int().describe('Lower is asked first.'),
  breaker: z.enum(['closed', 'open', 'half_open']).describe('`open`: not asked until `retryInMs` has passed.'),
  retryInMs: z.number().nullable(),
  inFlight: z.number().int(),
  queued: z.number().int(),
  firstByteMs: z.number().nullable().describe('Moving average of the time to the first byte.'),
  engine: z
    .object({ running: z.number().nullable(), waiting: z.number().nullable(), cacheUsage: z.number().nullable() })
    .nullable()
    .describe('What its own metrics say; null = not read.'),
  failures: z.number().int().describe('In a row.'),
  lastFailure: z.string().nullable(),
})
export type TargetView = z.infer<typeof targetView>

export const routeView = z.object({
  name: z.string(),
  aliases: z.array(z.string()).readonly(),
  policy: z.string(),
  isConfigured: z.boolean().describe('false: the name of a model itself, without an entry in `routes`.'),
  targets: z.array(targetView).readonly(),
  fallbacks: z
    .array(
      z.object({
        on: z.array(z.string()).readonly().describe('Empty: every failure that lies with the targets.'),
        model: z.string(),
      }),
    )
    .readonly(),
})
export type RouteView = z.infer<typeof routeView>

export const routeList = z.object({ data: z.array(routeView).readonly() })
