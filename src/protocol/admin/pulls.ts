import { z } from 'zod'

/** Shapes of `/api/pulls`, `/api/library` and `/api/suggestions`. null = unknown, never 0. */

export const pullStates = ['queued', 'running', 'verifying', 'done', 'failed', 'cancelled'] as const

export const pullView = z.object({
  id: z.string(),
  /** As it was asked for: `org/repo:file.gguf`. */
  ref: z.string(),
  /** The model that uses the file when it is here; null = nobody asked for one. */
  modelId: z.string().nullable(),
  state: z.enum(pullStates),
  doneBytes: z.number().int(),
  totalBytes: z.number().int().nullable(),
  bytesPerSecond: z.number().nullable(),
  etaSeconds: z.number().nullable(),
  /** Why it failed, and what to do. */
  failure: z.string().nullable(),
})
export type PullView = Readonly<z.infer<typeof pullView>>

export const pullList = z.object({ data: z.array(pullView) })
export const pullParams = z.object({ id: z.string().min(1).max(64) })

export const newPull = z.strictObject({
  ref: z
    .string()
    .min(1)
    .max(512)
    .describe('`org/repo:file.gguf`, `org/repo:Q4_K_M`, or `org/repo` where it holds one model.'),
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._:@+/-]{0,199}$/)
    .optional()
    .describe('The name that callers use; made from the file’s name if not said.'),
})

export const libraryPlaces = ['hearth', 'ollama', 'lmstudio', 'huggingface'] as const

export const libraryFile = z.object({
  name: z.string(),
  path: z.string(),
  sizeBytes: z.number().int(),
  from: z.enum(libraryPlaces),
  /** The local model that uses it; null = none. */
  id: z.string().nullable(),
})
export type LibraryFile = Readonly<z.infer<typeof libraryFile>>
export const libraryList = z.object({ data: z.array(libraryFile) })

export const suggestion = z.object({
  ref: z.string(),
  name: z.string(),
  description: z.string(),
  licence: z.string(),
  sizeBytes: z.number().int(),
  memoryBytes: z.number().int(),
  /** Whether it fits this machine; null = the machine does not tell its memory. */
  fits: z.boolean().nullable(),
})
export type Suggestion = Readonly<z.infer<typeof suggestion>>
export const suggestionList = z.object({ memoryBytes: z.number().int().nullable(), data: z.array(suggestion) })
