import type { Json } from '../conversation/conversation.ts'
import type { ModelCard } from '../openai/models.ts'

/**
 * The version that these shapes follow. Clients compare it before they use thinking, tools or structured outputs.
 */
export const followedVersion = '0.12.6'

export interface ListedModel {
  readonly card: ModelCard
  /** 64 hex digits that stay the same as long as the model does: clients tell models apart by them. */
  readonly digest: string
}

/** An entry of `/api/tags`. Sizes are not told: Hearth does not know those of upstreams' models. */
export function tagOf({ card, digest }: ListedModel): Json {
  return {
    name: card.id,
    model: card.id,
    modified_at: timeOf(card),
    digest,
    details: detailsOf(card),
  }
}

/** An entry of `/api/ps`. */
export function runningOf({ card, digest }: ListedModel): Json {
  const { context } = card.hearth
  return {
    name: card.id,
    model: card.id,
    digest,
    details: detailsOf(card),
    ...(context === null ? {} : { context_length: context }),
  }
}

/** States in which a local model has its weights in memory. */
const runningStates: ReadonlySet<string> = new Set(['ready', 'draining'])

export const isRunning = (card: ModelCard): boolean => runningStates.has(card.hearth.state)

/** The answer of `/api/show`. `model_info` names the length of context under the family, as clients look for it. */
export function showOf(card: ModelCard): Json {
  const { context, label } = card.hearth
  return {
    modelfile: label === null ? '' : `# ${label}`,
    parameters: '',
    template: '',
    details: detailsOf(card),
    model_info: {
      'general.architecture': card.owned_by,
      'general.basename': card.id,
      ...(context === null ? {} : { [`${card.owned_by}.context_length`]: context }),
    },
    capabilities: capabilitiesOf(card),
    modified_at: timeOf(card),
  }
}

const timeOf = (card: ModelCard): string => new Date(card.created * 1000).toISOString()

const detailsOf = (card: ModelCard): Json => ({
  parent_model: '',
  format: card.owned_by === 'hearth' ? 'gguf' : '',
  family: card.owned_by,
  families: [card.owned_by],
  parameter_size: '',
  quantization_level: '',
})

/** In Ollama's words. What an upstream's model can is not known: it is offered for completion and judged when used. */
function capabilitiesOf({ hearth }: ModelCard): readonly string[] {
  if (hearth.capabilities === null) return ['completion']
  const known = hearth.capabilities.flatMap((capability) => words.get(capability) ?? [])
  return [...new Set(known)]
}

const words: ReadonlyMap<string, string> = new Map([
  ['chat', 'completion'],
  ['completion', 'completion'],
  ['embedding', 'embedding'],
  ['vision', 'vision'],
  ['tools', 'tools'],
])
