import { localDeployment, modelId, type ModelName } from '#kernel/ids.ts'
import type { Caller } from '#kernel/words.ts'
import type { ModelCard } from '#protocol/openai/models.ts'
import type { Snapshot, Target } from '../../core/choose.ts'

/** What `/v1/models` tells of a local model beside its name. */
export interface LocalModel {
  readonly id: string
  readonly state: string
  readonly label: string | null
  readonly capabilities: readonly string[]
  readonly context: number | null
}

/**
 * The names this caller can use now, local models and routes first; upstreams' models once under their short name where
 * it leads there.
 */
export function listModels(
  snapshot: Snapshot,
  locals: readonly LocalModel[],
  caller: Caller,
  createdSeconds: number,
): readonly ModelCard[] {
  const localByDeployment = new Map(locals.map((local) => [localDeployment(modelId(local.id)), local]))
  const cards: ModelCard[] = []
  const localOf = (target: Target) =>
    target.upstream === 'local' ? localByDeployment.get(target.deployment) : undefined
  for (const [name, { targets }] of snapshot.names) {
    if (!caller.mayUse(name)) continue
    const target = targets[0]
    if (!target) continue
    const local = localOf(target)
    const context = smallest(targets.map((place) => localOf(place)?.context ?? place.contextTokens))
    cards.push({
      id: name,
      object: 'model',
      created: createdSeconds,
      owned_by: target.upstream === 'local' ? 'hearth' : target.upstream,
      hearth: local
        ? { state: local.state, label: local.label, capabilities: local.capabilities, context }
        : { state: 'external', label: null, capabilities: null, context },
    })
  }
  return cards
}

/** Whoever answers takes in at least this much; null = nobody tells. */
function smallest(known: readonly (number | null)[]): number | null {
  const told = known.filter((tokens) => tokens !== null)
  return told.length === 0 ? null : Math.min(...told)
}

export function findModel(cards: readonly ModelCard[], name: ModelName): ModelCard | null {
  return cards.find((card) => card.id === name) ?? null
}
