import { formatBytes } from '#kernel/bytes.ts'

export interface RefusalFacts {
  readonly id: string
  readonly needBytes: number
  readonly budgetBytes: number
  /** Models that stand in the way. */
  readonly by: readonly string[]
}

/** Why a model cannot be loaded as things stand, and what to do: the same words in plans and in answers. */
export function refusalText(why: 'too_large' | 'pinned' | 'swap_never', facts: RefusalFacts): string {
  const need = `"${facts.id}" needs ${formatBytes(facts.needBytes)}`
  const budget = formatBytes(facts.budgetBytes)
  const others = facts.by.map((id) => `"${id}"`).join(', ')
  switch (why) {
    case 'too_large': {
      const advice = 'Raise fleet.memory, or lower its context or parallel.'
      return `${need}, but all models together may use ${budget}. ${advice}`
    }
    case 'pinned':
      return `${need} of ${budget}, and ${others} may not be unloaded (pin). Unpin a model, or raise fleet.memory.`
    case 'swap_never':
      return `${need} of ${budget}, which ${others} hold, and fleet.swap is "never". Unload a model first.`
  }
}
