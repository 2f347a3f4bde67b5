import { join } from 'node:path'
import type { Recipe } from '../core/recipe.ts'

export interface CommandFacts {
  readonly recipe: Recipe
  readonly modelPath: string | null
  readonly host: string
  readonly port: number
  readonly token: string
}

export interface EmbeddedEngine {
  /** The runtime that runs Hearth itself. */
  readonly execPath: string
  /** `engines/llama/main.ts` of this checkout. */
  readonly mainScript: string
}

/** Program and arguments of an engine; never a shell, so nothing in a name or path can be more than an argument. */
export function engineArgv(facts: CommandFacts, embedded: EmbeddedEngine): readonly string[] {
  const { recipe } = facts
  if (recipe.source.kind === 'command') return recipe.source.argv.map((argument) => fill(argument, facts))
  return [
    embedded.execPath,
    // With the first flag the engine dies with the server even when the server is killed.
    '--no-orphans',
    '--no-env-file',
    '--no-install',
    embedded.mainScript,
    ...['--model', facts.modelPath ?? ''],
    ...['--host', facts.host],
    ...['--port', String(facts.port)],
    ...['--alias', recipe.id],
    ...(recipe.context === null ? [] : ['--context', String(recipe.context)]),
    ...['--parallel', String(recipe.parallel)],
    ...['--gpu-layers', String(recipe.gpuLayers)],
    ...(recipe.mmproj === null ? [] : ['--mmproj', recipe.mmproj]),
    ...recipe.lora.flatMap((lora) => ['--lora', `${lora.path}=${lora.scale}`]),
    ...(recipe.embeddings ? ['--embeddings'] : []),
    ...(recipe.rerank ? ['--rerank'] : []),
  ]
}

/**
 * Variables of Hearth's own environment that an engine may see: where programs are, who the user is, which GPUs to
 * use.
 */
const passedOn = /^(PATH|HOME|USER|LANG|TMPDIR|TZ|LD_LIBRARY_PATH|(LC|CUDA|NVIDIA|HIP|ROCR|HSA|GGML|OMP|VK)_\w+)$/

/** The whole environment of an engine. Hearth's own secrets are in none of these names. */
export function engineEnvironment(
  facts: CommandFacts,
  more: {
    readonly hostEnvironment: Readonly<Record<string, string | undefined>>
    readonly enginesDir: string
    readonly mark: string
  },
): Record<string, string> {
  const environment: Record<string, string> = {}
  for (const [name, value] of Object.entries(more.hostEnvironment)) {
    if (value !== undefined && passedOn.test(name)) environment[name] = value
  }
  if (facts.recipe.source.kind === 'command') {
    for (const [name, value] of Object.entries(facts.recipe.source.env)) environment[name] = fill(value, facts)
  } else {
    environment['HEARTH_ENGINE_RUNTIME'] = join(more.enginesDir, 'llama')
    environment['DO_NOT_TRACK'] = '1'
  }
  environment['HEARTH_ENGINE_TOKEN'] = facts.token
  environment['HEARTH_ENGINE'] = more.mark
  return environment
}

function fill(text: string, facts: CommandFacts): string {
  return text
    .replaceAll('${PORT}', String(facts.port))
    .replaceAll('${HOST}', facts.host)
    .replaceAll('${TOKEN}', facts.token)
    .replaceAll('${ID}', facts.recipe.id)
}
