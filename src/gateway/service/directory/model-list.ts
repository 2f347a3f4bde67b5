import { localDeployment, modelId, type ModelName } from '#kernel/ids.ts'
import type { Caller } from '#kernel/words.ts'
import type { ModelCard } from '#protocol/openai/models.ts'
import type { Snapshot, Target, TokenPrice } from '../../core/choose.ts'

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
      ...factsOf(target, context),
      hearth: local
        ? { state: local.state, label: local.label, capabilities: local.capabilities, context }
        : { state: 'external', label: null, capabilities: null, context },
    })
  }
  return cards
}

/** What clients of OpenRouter look for, as it names them there: only what is known of who is asked first. */
function factsOf({ known = null, price = null }: Target, context: number | null): Partial<ModelCard> {
  const longest = known?.outputTokens ?? null
  return {
    ...(known === null ? {} : { name: known.name }),
    ...(context === null ? {} : { context_length: context }),
    ...(longest === null ? {} : { max_output_tokens: longest }),
    ...(known?.input && known.output
      ? { architecture: { input_modalities: known.input, output_modalities: known.output } }
      : {}),
    ...(price === null ? {} : { pricing: pricingOf(price) }),
    ...(longest === null ? {} : { top_provider: { context_length: context, max_completion_tokens: longest } }),
    ...(known === null || (known.hasTools === null && known.hasReasoning === null)
      ? {}
      : {
          supported_parameters: [
            ...(known.hasTools === true ? ['tools', 'tool_choice'] : []),
            ...(known.hasReasoning === true ? ['reasoning'] : []),
          ],
        }),
  }
}

/** Dollars for one token, as text: nobody should read them as floats. */
function pricingOf({ input, output, cached = null }: TokenPrice): NonNullable<ModelCard['pricing']> {
  return {
    prompt: perToken(input),
    completion: perToken(output),
    ...(cached === null ? {} : { input_cache_read: perToken(cached) }),
  }
}

const perToken = (perMillion: number): string => (perMillion / 1e6).toFixed(12).replace(/\.?0+$/, '')

/** Whoever answers takes in at least this much; null = nobody tells. */
function smallest(known: readonly (number | null)[]): number | null {
  const told = known.filter((tokens) => tokens !== null)
  return told.length === 0 ? null : Math.min(...told)
}

export function findModel(cards: readonly ModelCard[], name: ModelName): ModelCard | null {
  return cards.find((card) => card.id === name) ?? null
}
