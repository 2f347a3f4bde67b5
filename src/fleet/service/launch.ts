import { AppError, messageOf } from '#kernel/errors.ts'
import { formatDuration } from '#kernel/time.ts'
import { exitText, reasonFrom } from '../core/failure.ts'
import type { Recipe } from '../core/recipe.ts'
import type {
  Engine,
  EngineDriver,
  EngineInstaller,
  EngineProbe,
  Health,
  Progress,
  Pulls,
  SmokeFiles,
  Weights,
} from '../ports.ts'
import { askForToken, waitForHealth } from './proof.ts'

/** What loading a model needs. */
export interface LaunchTools {
  readonly driver: EngineDriver
  readonly probe: EngineProbe
  readonly pulls: Pulls
  readonly smoke: SmokeFiles
  readonly weights: Weights
  /** Single flight: whoever asks during an installation waits for it. */
  readonly installer: Pick<EngineInstaller, 'isInstalled' | 'install'>
}

export interface LaunchStep {
  readonly phase: 'installing' | 'downloading' | 'starting' | 'loading' | 'proving'
  readonly progress: Progress | null
  /** 0 to 1 of the phase, where bytes are not what is counted. */
  readonly share: number | null
}

export type Prepared =
  | {
      readonly kind: 'prepared'
      readonly modelPath: string | null
      readonly memoryBytes: number | null
      readonly defect: string | null
    }
  | {
      readonly kind: 'failed'
      readonly message: string
      /** Looking again costs nothing: who asks next need not wait. */
      readonly isCheap: boolean
    }

export type Launched =
  | { readonly kind: 'ready'; readonly engine: Engine }
  | { readonly kind: 'failed'; readonly message: string }

export interface LaunchLimits {
  readonly loadDeadlineMs: number
  readonly proveDeadlineMs: number
  readonly stopGraceMs: number
}

/**
 * Everything that can be done before memory is needed: the engine is installed, the weights are on the disk. So
 * nobody is unloaded for a model whose file is missing. Never rejects.
 */
export async function prepare(
  recipe: Recipe,
  tools: LaunchTools,
  at: { readonly signal: AbortSignal; report(step: LaunchStep): void },
): Promise<Prepared> {
  try {
    if (recipe.source.kind === 'command') return { kind: 'prepared', modelPath: null, memoryBytes: null, defect: null }
    if (!(await tools.installer.isInstalled(recipe.engine))) {
      at.report({ phase: 'installing', progress: null, share: null })
      const onProgress = (step: { progress: number | null }) =>
        at.report({ phase: 'installing', progress: null, share: step.progress })
      await tools.installer.install(recipe.engine, onProgress, at.signal)
    }
    const modelPath = await weightsPath(recipe, tools, at)
    const facts = await tools.weights.look(modelPath, recipe)
    if (facts !== null) return { kind: 'prepared', modelPath, ...facts }
    return {
      kind: 'failed',
      isCheap: true,
      message: `The model file ${modelPath} does not exist. Correct "file" of "${recipe.id}", or pull the model again.`,
    }
  } catch (error) {
    return { kind: 'failed', message: messageOf(error), isCheap: false }
  }
}

async function weightsPath(
  recipe: Recipe,
  tools: LaunchTools,
  at: { readonly signal: AbortSignal; report(step: LaunchStep): void },
): Promise<string> {
  const { source } = recipe
  switch (source.kind) {
    case 'file':
      return source.path
    case 'smoke':
      return tools.smoke.ensure(source.which)
    case 'hf': {
      const { repo, file, revision } = source
      const onProgress = (progress: Progress) => at.report({ phase: 'downloading', progress, share: null })
      return tools.pulls.ensure({ repo, file, revision }, onProgress, at.signal)
    }
    case 'command':
      throw new AppError('internal', 'Broken assumption: a command brings its own weights.')
  }
}

/** Another program can take the port between the choice and the engine's start; a third time is no accident. */
const maxPortTries = 3
const portTaken = /address (is )?already in use|EADDRINUSE|port .*in use/i

/**
 * Starts the engine and waits until it has answered a real request (starting → loading → proving → ready). Whatever
 * goes wrong, the engine has ended when this resolves with a failure. Never rejects.
 */
export async function launch(
  job: {
    readonly recipe: Recipe
    readonly prepared: Extract<Prepared, { kind: 'prepared' }>
    readonly limits: LaunchLimits
  },
  tools: LaunchTools,
  at: { readonly signal: AbortSignal; report(step: LaunchStep): void; onLine(line: string): void },
): Promise<Launched> {
  for (let tries = 1; ; tries++) {
    at.report({ phase: 'starting', progress: null, share: null })
    let engine: Engine
    try {
      engine = await tools.driver.start({ recipe: job.recipe, modelPath: job.prepared.modelPath, onLine: at.onLine })
    } catch (error) {
      return { kind: 'failed', message: messageOf(error) }
    }
    const failure = await bringUp(engine, job, tools, at)
    if (failure === null) return { kind: 'ready', engine }
    await engine.stop(at.signal.aborted ? job.limits.stopGraceMs : 0)
    const isPortTaken = engine.lastLines().some((line) => portTaken.test(line))
    if (!isPortTaken || tries === maxPortTries || at.signal.aborted)
      return { kind: 'failed', message: withDefect(failure, job) }
  }
}

function withDefect(message: string, job: { readonly prepared: Extract<Prepared, { kind: 'prepared' }> }): string {
  const { defect, modelPath } = job.prepared
  // Our own engine finds the same and says it in the same words.
  return defect === null || message.includes(defect) ? message : `${message} The file ${modelPath} ${defect}`
}

/** Null = it is ready; else why not. */
async function bringUp(
  engine: Engine,
  job: { readonly recipe: Recipe; readonly limits: LaunchLimits },
  tools: LaunchTools,
  at: { readonly signal: AbortSignal; report(step: LaunchStep): void },
): Promise<string | null> {
  const { recipe, limits } = job
  // One controller for all that can end the wait: the deadline, the engine's end, somebody's stop.
  const over = new AbortController()
  const end = (why: string) => over.abort(why)
  const deadline = setTimeout(() => {
    end(`It was not ready after ${formatDuration(limits.loadDeadlineMs)} (loadDeadline). ${lastWords(engine)}`.trim())
  }, limits.loadDeadlineMs)
  const onStop = () => end('Its load was cancelled.')
  at.signal.addEventListener('abort', onStop, { once: true })
  if (at.signal.aborted) onStop()
  void engine.exited.then((exit) =>
    end(`The engine ${exitText(exit)} while it was loading. ${lastWords(engine)}`.trim()),
  )
  try {
    const on = { probe: tools.probe, signal: over.signal }
    const isAnswer = (health: Health) => {
      if (health.kind === 'loading') at.report({ phase: 'loading', progress: null, share: health.progress })
      return health.kind === 'ok'
    }
    if ((await waitForHealth(engine, recipe.readyPath, { ...on, isAnswer })) === null) return String(over.signal.reason)
    at.report({ phase: 'proving', progress: null, share: null })
    const proved = await askForToken(engine, recipe, { ...on, deadlineMs: limits.proveDeadlineMs })
    // An engine that ended after its answer, or while another program answered in its place, is not ready.
    if (over.signal.aborted) return String(over.signal.reason)
    return proved.kind === 'ok'
      ? null
      : `It started, but did not pass its first request. ${proved.message} ${lastWords(engine)}`.trim()
  } finally {
    clearTimeout(deadline)
    at.signal.removeEventListener('abort', onStop)
  }
}

function lastWords(engine: Engine): string {
  const reason = reasonFrom(engine.lastLines())
  return reason === '' ? 'It wrote nothing about it.' : `It says: ${reason}`
}
