import type { EntityType } from '../words.ts'
import type { Random } from './random.ts'

/** A value that nobody has, as valid as a real one, and the words around it that it is known by. */
export interface Canary {
  /** What it is more exactly than its type: `phone.fr`, `secret.github`. */
  readonly kind: string
  readonly type: EntityType
  readonly value: string
  readonly before: string
  readonly after: string
  /** The house knows it, or a recogniser of names does; nothing else can. */
  readonly isName: boolean
}

export interface CanaryKind {
  readonly kind: string
  readonly type: EntityType
  make(random: Random): Omit<Canary, 'kind' | 'type' | 'isName'>
}

/** A kind whose value stands alone, or behind one of some words. */
export function kindOf(
  kind: string,
  type: EntityType,
  value: (random: Random) => string,
  contexts: readonly string[] = usualContexts,
): CanaryKind {
  return {
    kind,
    type,
    make(random) {
      const [before = '', after = ''] = random.pick(contexts).split('…')
      return { value: value(random), before, after }
    },
  }
}

const usualContexts = [
  'Please write to … today.',
  'Bitte … eintragen, danke.',
  'Notez … dans le dossier.',
  'Hay que usar … hoy.',
  'Usa …, grazie.',
  '…',
]
