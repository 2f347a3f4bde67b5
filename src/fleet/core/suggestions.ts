/** A model worth trying first. Sizes are those of the file, rounded; memory is with 8 K tokens of context. */
export interface SuggestedModel {
  readonly ref: string
  readonly name: string
  readonly description: string
  readonly licence: string
  readonly sizeBytes: number
  readonly memoryBytes: number
}

/**
 * Written by hand, small to large, one or two for each size of machine: open weights, widely used, with a GGUF from
 * their makers or a known hand. Kept short on purpose: a list that nobody reads suggests nothing.
 */
export const suggestedModels: readonly SuggestedModel[] = [
  {
    ref: 'HuggingFaceTB/SmolLM2-360M-Instruct-GGUF:Q8_0',
    name: 'SmolLM2 360M',
    description: 'Tiny; answers at once even on an old laptop.',
    licence: 'Apache-2.0',
    sizeBytes: 0.39e9,
    memoryBytes: 0.8e9,
  },
  {
    ref: 'Qwen/Qwen3-0.6B-GGUF:Q8_0',
    name: 'Qwen3 0.6B',
    description: 'Small, many languages, can think step by step.',
    licence: 'Apache-2.0',
    sizeBytes: 0.64e9,
    memoryBytes: 1.6e9,
  },
  {
    ref: 'nomic-ai/nomic-embed-text-v1.5-GGUF:Q8_0',
    name: 'Nomic Embed 1.5',
    description: 'Embeddings for search, English.',
    licence: 'Apache-2.0',
    sizeBytes: 0.15e9,
    memoryBytes: 0.4e9,
  },
  {
    ref: 'Qwen/Qwen3-1.7B-GGUF:Q8_0',
    name: 'Qwen3 1.7B',
    description: 'Good for drafts and summaries on 4 GB.',
    licence: 'Apache-2.0',
    sizeBytes: 1.83e9,
    memoryBytes: 3e9,
  },
  {
    ref: 'Qwen/Qwen3-4B-GGUF:Q4_K_M',
    name: 'Qwen3 4B',
    description: 'The best there is for 6 GB: chat, tools, languages.',
    licence: 'Apache-2.0',
    sizeBytes: 2.5e9,
    memoryBytes: 4.2e9,
  },
  {
    ref: 'Qwen/Qwen3-8B-GGUF:Q4_K_M',
    name: 'Qwen3 8B',
    description: 'All-round chat and tools for 8 to 12 GB.',
    licence: 'Apache-2.0',
    sizeBytes: 5.03e9,
    memoryBytes: 6.8e9,
  },
  {
    ref: 'ggml-org/gpt-oss-20b-GGUF:MXFP4',
    name: 'gpt-oss 20B',
    description: 'Strong reasoning; only part of it works per token, so it is fast.',
    licence: 'Apache-2.0',
    sizeBytes: 12.1e9,
    memoryBytes: 14e9,
  },
  {
    ref: 'bartowski/Mistral-Small-24B-Instruct-2501-GGUF:Q4_K_M',
    name: 'Mistral Small 24B',
    description: 'Careful writing in European languages.',
    licence: 'Apache-2.0',
    sizeBytes: 14.3e9,
    memoryBytes: 17e9,
  },
  {
    ref: 'Qwen/Qwen3-30B-A3B-GGUF:Q4_K_M',
    name: 'Qwen3 30B A3B',
    description: 'Quality of a large model at the speed of a small one, for 24 GB.',
    licence: 'Apache-2.0',
    sizeBytes: 18.6e9,
    memoryBytes: 21e9,
  },
  {
    ref: 'Qwen/Qwen3-32B-GGUF:Q4_K_M',
    name: 'Qwen3 32B',
    description: 'Dense and thorough, for 24 to 32 GB.',
    licence: 'Apache-2.0',
    sizeBytes: 19.8e9,
    memoryBytes: 23e9,
  },
  {
    ref: 'ggml-org/gpt-oss-120b-GGUF:MXFP4',
    name: 'gpt-oss 120B',
    description: 'For machines with 80 GB and more.',
    licence: 'Apache-2.0',
    sizeBytes: 63.4e9,
    memoryBytes: 68e9,
  },
]

export type Fitting = SuggestedModel & { readonly fits: boolean | null }

/**
 * Those that fit the budget of models come first, the largest first; then the others, the smallest first. Unknown
 * budget: as they stand. What is said to fit is what admission would let in: the budget leaves the system its share.
 */
export function suggest(budgetBytes: number | null): readonly Fitting[] {
  if (budgetBytes === null) return suggestedModels.map((model) => ({ ...model, fits: null }))
  const judged = suggestedModels.map((model) => ({ ...model, fits: model.memoryBytes <= budgetBytes }))
  return judged.sort((a, b) => {
    if (a.fits !== b.fits) return a.fits ? -1 : 1
    return a.fits ? b.memoryBytes - a.memoryBytes : a.memoryBytes - b.memoryBytes
  })
}
