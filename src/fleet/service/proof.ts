import { capabilitiesOf, engineModelName, type Recipe } from '../core/recipe.ts'
import type { Engine, EngineProbe, Health, Proved } from '../ports.ts'

/** Asks for a real answer of the smallest size: the only proof that an engine works. */
export function askForToken(
  engine: Engine,
  recipe: Recipe,
  at: { readonly probe: EngineProbe; readonly deadlineMs: number; readonly signal: AbortSignal },
): Promise<Proved> {
  const [capability = 'chat'] = capabilitiesOf(recipe)
  const mustListName = recipe.source.kind !== 'command' || recipe.source.modelName !== null
  const ask = { capability, modelName: engineModelName(recipe), mustListName, deadlineMs: at.deadlineMs }
  return at.probe.prove(engine, ask, at.signal)
}

const firstPollMs = 10
const maxPollMs = 250

/** Polls quickly at first: a small model is up in a tenth of a second. Null = the signal came first. */
export async function waitForHealth(
  engine: Engine,
  path: string,
  at: {
    readonly probe: EngineProbe
    readonly signal: AbortSignal
    isAnswer(health: Health): boolean
  },
): Promise<Health | null> {
  for (let pauseMs = firstPollMs; !at.signal.aborted; pauseMs = Math.min(maxPollMs, pauseMs * 1.3)) {
    const health = await at.probe.health(engine, path, at.signal)
    if (at.signal.aborted) return null
    if (at.isAnswer(health)) return health
    await pause(pauseMs, at.signal)
  }
  return null
}

/** Resolves after `ms`, or when `signal` aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const onAbort = () => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
  })
}
