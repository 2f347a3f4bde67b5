/** The command line. llama-server's short names are accepted too, so that a recipe can be moved between the two. */
export interface EngineOptions {
  readonly model: string
  readonly host: string
  readonly port: number
  readonly alias: string | null
  /** Tokens of one sequence; null = what the model was trained for, at most `defaultContext`. */
  readonly context: number | null
  readonly parallel: number
  readonly threads: number | null
  readonly gpuLayers: number | 'auto'
  readonly withEmbeddings: boolean
  readonly withRerank: boolean
  readonly mmproj: string | null
  readonly loras: readonly { readonly filePath: string; readonly scale: number }[]
}

export const defaultContext = 4096
const limits = { maxParallel: 64, maxContext: 4_194_304, maxThreads: 1024, maxGpuLayers: 10_000 } as const

const names: Readonly<Record<string, string>> = {
  '-m': '--model',
  '-c': '--context',
  '--ctx-size': '--context',
  '-np': '--parallel',
  '-t': '--threads',
  '-a': '--alias',
  '-ngl': '--gpu-layers',
  '--n-gpu-layers': '--gpu-layers',
  '--embedding': '--embeddings',
  '--reranking': '--rerank',
}

/** Throws a sentence about the first mistake. */
export function parseArguments(argv: readonly string[]): EngineOptions {
  const values = new Map<string, string>()
  const loras: { filePath: string; scale: number }[] = []
  for (let at = 0; at < argv.length; at++) {
    const [written, inline] = splitFlag(argv[at] ?? '')
    const flag = names[written] ?? written
    if (flag === '--embeddings' || flag === '--rerank') {
      values.set(flag, 'true')
      continue
    }
    if (!known.has(flag)) throw new Error(`unknown option ${written}; known are ${[...known].join(', ')}`)
    const value = inline ?? argv[++at]
    if (value === undefined) throw new Error(`${flag} needs a value`)
    if (flag === '--lora') loras.push(parseLora(value))
    else values.set(flag, value)
  }
  const model = values.get('--model')
  if (model === undefined) throw new Error('--model is missing: the path of a GGUF file')
  const whole = (flag: string, min: number, max: number): number | null => {
    const text = values.get(flag)
    if (text === undefined) return null
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new Error(`${flag} must be a whole number from ${min} to ${max}, not "${text}"`)
    }
    return value
  }
  const gpuLayers = values.get('--gpu-layers') ?? 'auto'
  return {
    model,
    host: values.get('--host') ?? '127.0.0.1',
    port: whole('--port', 0, 65_535) ?? 8080,
    alias: values.get('--alias') ?? null,
    context: whole('--context', 8, limits.maxContext),
    parallel: whole('--parallel', 1, limits.maxParallel) ?? 4,
    threads: whole('--threads', 1, limits.maxThreads),
    gpuLayers: gpuLayers === 'auto' ? 'auto' : (whole('--gpu-layers', 0, limits.maxGpuLayers) ?? 'auto'),
    withEmbeddings: values.has('--embeddings'),
    withRerank: values.has('--rerank'),
    mmproj: values.get('--mmproj') ?? null,
    loras,
  }
}

const known = new Set([
  '--model',
  '--host',
  '--port',
  '--alias',
  '--context',
  '--parallel',
  '--threads',
  '--gpu-layers',
  '--embeddings',
  '--rerank',
  '--mmproj',
  '--lora',
])

function splitFlag(word: string): readonly [string, string?] {
  const equals = word.indexOf('=')
  return word.startsWith('--') && equals > 0 ? [word.slice(0, equals), word.slice(equals + 1)] : [word]
}

function parseLora(value: string): { filePath: string; scale: number } {
  const match = /^(.*)=(-?\d+(?:\.\d+)?)$/.exec(value)
  const [, filePath = value, scale = '1'] = match ?? []
  return { filePath, scale: Number(scale) }
}
