import { z } from 'zod'

/** Shapes of `/api/models` and `/api/engines`. Times are ISO 8601 texts; null = unknown, never 0. */

export const modelStates = [
  'stopped',
  'queued',
  'starting',
  'loading',
  'ready',
  'draining',
  'stopping',
  'failed',
] as const

export const modelPhases = [
  'queued',
  'installing',
  'downloading',
  'unloading_others',
  'starting',
  'loading',
  'proving',
  'backing_off',
] as const

export const modelView = z.object({
  id: z.string(),
  engine: z.string(),
  state: z.enum(modelStates),
  from: z.enum(['config', 'overlay', 'builtin']),
  label: z.string().nullable(),
  capabilities: z.array(z.enum(['chat', 'completion', 'embedding', 'rerank', 'vision', 'tools'])),
  context: z.number().int().nullable(),
  memoryBytes: z.object({ value: z.number(), from: z.enum(['measured', 'estimated']) }).nullable(),
  ttlMs: z.number().nullable(),
  isPinned: z.boolean(),
  phase: z.enum(modelPhases).nullable(),
  etaSeconds: z.number().nullable(),
  progress: z
    .object({ doneBytes: z.number(), totalBytes: z.number().nullable(), bytesPerSecond: z.number().nullable() })
    .nullable(),
  inFlight: z.number().int(),
  queued: z.number().int(),
  readySince: z.string().nullable(),
  lastUsedAt: z.string().nullable(),
  failure: z.string().nullable(),
  pid: z.number().int().nullable(),
})
export type ModelViewWire = z.infer<typeof modelView>

export const modelList = z.object({ data: z.array(modelView) })

const target = z.object({ model: z.string() })
export const planStep = z.discriminatedUnion('kind', [
  target.extend({ kind: z.literal('drain'), graceMs: z.number().nullable() }),
  target.extend({ kind: z.literal('stop') }),
  target.extend({ kind: z.literal('start') }),
  target.extend({ kind: z.literal('prove'), deadlineMs: z.number() }),
])

export const planView = z.object({
  /** SHA-256 of exactly the facts the plan rests on. */
  hash: z.string(),
  steps: z.array(
    z.object({
      n: z.number().int(),
      step: planStep,
      after: z.array(z.number().int()),
      undo: planStep.nullable(),
    }),
  ),
  effects: z.array(z.string()),
  obstacles: z.array(z.string()),
})
export type PlanWire = z.infer<typeof planView>

export const operationQuery = z.object({
  dryRun: z.enum(['0', '1', 'true', 'false']).optional(),
  /** Apply only if the plan still has this hash. */
  hash: z.string().max(64).optional(),
})
export const operationAnswer = z.object({ plan: planView, applied: z.boolean(), model: modelView })
export type OperationAnswerWire = z.infer<typeof operationAnswer>

export const modelParams = z.object({ id: z.string().min(1).max(256) })

/** An entry of `models:`, as the config file writes it; the config checks its members. */
export const newModel = z.looseObject({
  id: z.string().min(1).max(256),
  engine: z.string().optional(),
  file: z.string().max(4096).optional(),
  hf: z.string().max(1024).optional(),
  cmd: z.union([z.string().max(65_536), z.array(z.string().max(65_536)).max(1024)]).optional(),
})

export const poolView = z.object({
  name: z.string().describe('`model:<id>`, `upstream:<name>`, `upstream:<name>/audio`, or a name of `pools`.'),
  kind: z.enum(['deployment', 'audio', 'shared']),
  limit: z.number().int().nullable().describe('null = none.'),
  perKey: z.number().int().nullable().describe('null = one key may have all.'),
  inFlight: z.number().int(),
  waiting: z.object({ interactive: z.number().int(), batch: z.number().int() }),
  oldestWaitMs: z.number().nullable().describe('null = nobody waits.'),
  serviceMs: z.number().nullable().describe('How long its requests take, on average.'),
  members: z.array(z.string()).describe('The deployments whose work counts in it.'),
})
export type PoolViewWire = z.infer<typeof poolView>
export const poolList = z.object({ data: z.array(poolView) })

export const logQuery = z.object({ tail: z.coerce.number().int().min(1).max(10_000).default(200) })

export const engineView = z.object({
  name: z.string(),
  isInstalled: z.boolean(),
  version: z.string().nullable(),
  variant: z.string().nullable(),
})
export const engineList = z.object({ data: z.array(engineView) })
export const engineParams = z.object({ name: z.string().min(1).max(64) })
