import type { ModelId } from '#kernel/ids.ts'

/** How a local model is started: an entry of `models:`, parsed. The config's `ModelConfig` has this shape. */
export interface Recipe {
  readonly id: string
  readonly from: 'config' | 'overlay' | 'builtin'
  readonly label: string | null
  readonly engine: 'llama' | 'command'
  readonly source: RecipeSource
  readonly mmproj: string | null
  readonly lora: readonly { readonly path: string; readonly scale: number }[]
  readonly context: number | null
  /** Requests that the engine answers at the same time. */
  readonly parallel: number
  readonly gpuLayers: number | 'auto'
  /** What its owner says it needs; a floor for admission. */
  readonly memoryBytes: number | null
  readonly ttlMs: number | null
  readonly preload: boolean
  readonly pin: boolean
  readonly loadDeadlineMs: number | null
  readonly readyPath: string
  readonly embeddings: boolean
  readonly rerank: boolean
  /** The pool that its work counts in, beside `parallel`. */
  readonly pool?: string | null
  /** It hears or speaks: without a pool it gets one for audio. */
  readonly audio?: boolean
}

export type RecipeSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'hf'; readonly repo: string; readonly file: string; readonly revision: string }
  | { readonly kind: 'smoke'; readonly which: 'chat' | 'rank' }
  | {
      readonly kind: 'command'
      readonly argv: readonly string[]
      readonly env: Readonly<Record<string, string>>
      readonly modelName: string | null
    }

export type Capability = 'chat' | 'completion' | 'embedding' | 'rerank' | 'vision' | 'tools'

/** What the recipe's endpoints are; the first one is what a proof asks for. */
export function capabilitiesOf(recipe: Recipe): readonly Capability[] {
  if (recipe.rerank) return ['rerank']
  if (recipe.embeddings) return ['embedding']
  const capabilities: Capability[] = ['chat', 'completion']
  if (recipe.mmproj !== null) capabilities.push('vision')
  // The embedded engine makes embeddings of any model beside its chats; other programs say so with `embeddings`.
  if (recipe.engine === 'llama') capabilities.push('tools', 'embedding')
  return capabilities
}

/** The name this engine knows the model by: what a request's `model` must say when it arrives there. */
export function engineModelName(recipe: Recipe): string {
  return recipe.source.kind === 'command' ? (recipe.source.modelName ?? recipe.id) : recipe.id
}

/**
 * Canonical text of everything that shapes the running engine. Two recipes with the same text may share an engine: a
 * new `ttl`, `pin`, `label` or `memory` takes effect without a restart.
 */
export function engineFingerprint(recipe: Recipe): string {
  const { engine, source, mmproj, lora, context, parallel, gpuLayers, readyPath, embeddings, rerank } = recipe
  const facts = { engine, source, mmproj, lora, context, parallel, gpuLayers, readyPath, embeddings, rerank }
  return canonical(facts)
}

/** What is learned about memory and load time is kept under this text: the same weights with the same context. */
export function learnedKey(recipe: Recipe): string {
  return `${recipe.id} ${engineFingerprint(recipe)}`
}

export function modelIdOf(recipe: Recipe): ModelId {
  return recipe.id as ModelId
}

/** JSON with sorted keys: equal values give equal texts. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`
}
