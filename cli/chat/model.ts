import type { CallableModel } from '../../sdk/typescript/index.ts'
import type { Call } from '../command.ts'
import { CliError, exitCodes } from '../failures.ts'

/** Which model and which question the arguments mean; the rules stand in the command's help. */
export async function chooseModel(call: Call): Promise<{ readonly model: string; readonly prompt: string | null }> {
  const [first, second] = call.positionals
  if (first !== undefined && second !== undefined) return { model: first, prompt: second }
  if (first !== undefined && !/\s/.test(first)) return { model: first, prompt: null }
  const models = (await call.hearth().models.callable()).data
  if (first !== undefined && models.some((model) => model.id === first)) return { model: first, prompt: null }
  return { model: bestModel(models), prompt: first ?? null }
}

/**
 * A real model that is ready, then a real one, then whatever can chat; the smoke model speaks nonsense and comes
 * last.
 */
export function bestModel(models: readonly CallableModel[]): string {
  const isChat = (model: CallableModel): boolean => model.hearth?.capabilities?.includes('chat') ?? true
  const rank = (model: CallableModel): number =>
    (model.id.startsWith('hearth/') ? 4 : 0) +
    (model.hearth?.state === 'failed' ? 2 : 0) +
    (model.hearth?.state === 'ready' ? 0 : 1)
  const best = models.filter(isChat).toSorted((a, b) => rank(a) - rank(b))[0]
  if (best) return best.id
  const message = 'There is no model to talk to here.'
  throw new CliError(exitCodes.notFound, message, {
    code: 'no_model',
    hint: '"hearth models suggest" names some to pull.',
  })
}
