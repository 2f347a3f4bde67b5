/**
 * The embedded language-model engine: llama.cpp behind llama-server's HTTP, as a process of its own (README.md).
 * Standard output has one line, `listening on http://…`; everything else goes to standard error.
 */
import { basename } from 'node:path'
import { defaultContext, type EngineOptions, parseArguments } from './arguments.ts'
import type { Engine } from './engine.ts'
import { readModelFile } from './gguf-head.ts'
import { openModel } from './open-model.ts'
import { createMetrics } from './metrics.ts'
import { type Loading, serve } from './server.ts'
import { createSlots } from './slots.ts'

/** Requests that wait for a slot; one more is told to come back. */
const maxDeferred = 256
/** How long answers may go on after SIGTERM. */
const closeGraceMs = 2500

try {
  await main()
} catch (thrown) {
  fail(thrown)
}

async function main(): Promise<void> {
  const options = parseArguments(process.argv.slice(2))
  const runtime = process.env.HEARTH_ENGINE_RUNTIME
  if (runtime === undefined) throw new Error('HEARTH_ENGINE_RUNTIME is not set: the folder that holds node_modules')
  const plan = planFor(options)
  const loading: Loading = { progress: 0, engine: null }
  const server = serve({
    host: options.host,
    port: options.port,
    token: process.env.HEARTH_ENGINE_TOKEN ?? null,
    loading,
  })
  console.log(`listening on http://${options.host}:${server.port}`)
  const quit = new AbortController()
  // `on`, not `once`: a package of node-llama-cpp kills the process at the first signal if its own listener is the
  // only one.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (quit.signal.aborted) return
      quit.abort(new Error('the engine was told to end'))
      void close(server)
    })
  }
  try {
    loading.engine = await load(options, { runtime, plan, loading, signal: quit.signal })
    console.error(`model ${loading.engine.id} is ready: ${plan.context} tokens of context × ${plan.parallel} sequences`)
  } catch (thrown) {
    if (!quit.signal.aborted) throw thrown
  }
}

/** Everything that can be wrong with the file or the wishes is said before native code sees it. */
function planFor(options: EngineOptions): Plan {
  if (options.mmproj !== null) {
    throw new Error(
      '--mmproj: node-llama-cpp cannot read images; use llama-server for this model (a recipe with "cmd")',
    )
  }
  const info = readModelFile(options.model)
  if (options.withRerank && !info.hasRankHead) {
    throw new Error(`the model file ${options.model} has no rank head, so it cannot rerank`)
  }
  return {
    context: options.context ?? Math.min(info.contextLength ?? defaultContext, defaultContext),
    parallel: info.isPooled ? 0 : options.parallel,
  }
}

interface Plan {
  readonly context: number
  /** 0 for models that were made for vectors or ranks: a context to write text in would be memory for nothing. */
  readonly parallel: number
}

async function load(
  options: EngineOptions,
  from: { readonly runtime: string; readonly plan: Plan; readonly loading: Loading; readonly signal: AbortSignal },
): Promise<Engine> {
  const metrics = createMetrics()
  const model = await openModel({
    runtime: from.runtime,
    modelPath: options.model,
    ...from.plan,
    threads: options.threads,
    gpuLayers: options.gpuLayers,
    loras: options.loras,
    onProgress: (progress) => (from.loading.progress = progress),
    log: (line) => console.error(line),
    onDecode(sequences) {
      metrics.decodeCalls += 1
      metrics.busySlots += sequences
    },
    signal: from.signal,
  })
  if (options.withEmbeddings) await model.embedder()
  if (options.withRerank) await model.ranker()
  return {
    model,
    id: options.alias ?? basename(options.model, '.gguf'),
    created: Math.floor(Date.now() / 1000),
    context: from.plan.context,
    slots: createSlots(model.sequences, maxDeferred),
    metrics,
  }
}

/** New connections are refused at once, answers may finish for a while, then everything ends. */
async function close(server: Bun.Server<undefined>): Promise<never> {
  await Promise.race([server.stop(), Bun.sleep(closeGraceMs)])
  await Promise.race([server.stop(true), Bun.sleep(500)])
  process.exit(0)
}

function fail(thrown: unknown): never {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  console.error(`error: ${message.replaceAll(/\s*\n\s*/g, ' ')}`)
  process.exit(1)
}
