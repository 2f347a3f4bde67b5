import type { ModelConfig } from './contract.ts'

/**
 * What every Hearth has: two tiny models that prove the whole way from a request to a token. Their words are
 * nonsense.
 */
export const builtinModels: readonly ModelConfig[] = [
  {
    ...smoke('hearth/smoke', 'chat'),
    label: 'A test model with random weights: it proves the path, its words are nonsense.',
  },
  {
    ...smoke('hearth/smoke-rank', 'rank'),
    label: 'A test model with random weights: it proves the path, its ranking is nonsense.',
    rerank: true,
  },
]

function smoke(id: string, which: 'chat' | 'rank'): ModelConfig {
  return {
    id,
    from: 'builtin',
    label: null,
    engine: 'llama',
    source: { kind: 'smoke', which },
    mmproj: null,
    lora: [],
    context: 2048,
    parallel: 4,
    gpuLayers: 0,
    memoryBytes: 64 * 1024 * 1024,
    ttlMs: 10 * 60_000,
    preload: false,
    pin: false,
    loadDeadlineMs: null,
    readyPath: '/health',
    embeddings: false,
    rerank: false,
    pool: null,
    audio: false,
  }
}
