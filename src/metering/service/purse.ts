import type { Caller } from '#kernel/words.ts'
import type { Purse } from '../contract.ts'
import type { Limiter, Rule, Subject } from '../core/limiter.ts'

/** Reservations live in memory: after a restart nothing is under way, and minutes and hours are empty. */
export function createPurse(limiter: Limiter): Purse {
  const ruleOf = createRules()
  return {
    reserve({ caller, models, tags, tokens, micros }) {
      const { key, owner } = caller
      const subjects: Subject[] = [{ kind: 'key', id: key }]
      if (owner !== undefined) {
        if (owner.user !== null) subjects.push({ kind: 'user', id: owner.user })
        if (owner.team !== null) subjects.push({ kind: 'team', id: owner.team })
      }
      for (const id of tags) subjects.push({ kind: 'tag', id })
      for (const id of models) subjects.push({ kind: 'model', id })
      return limiter.reserve({ subjects, rule: ruleOf(caller), tokens, micros })
    },
  }
}

type Bound = Pick<Caller, 'limits' | 'budget'>

/** A key's rule is made once, and null where it says nothing. */
function createRules(): (caller: Bound) => Rule | null {
  const known = new WeakMap<Bound['limits'], Rule & { readonly isEmpty: boolean }>()
  return ({ limits, budget = null }) => {
    let rule = known.get(limits)
    if (rule === undefined || rule.budget !== budget) {
      rule = { limits, budget, isEmpty: budget === null && isUnlimited(limits) }
      known.set(limits, rule)
    }
    return rule.isEmpty ? null : rule
  }
}

function isUnlimited({ weight: _weight, priority: _priority, ...limits }: Bound['limits']): boolean {
  return Object.values(limits).every((limit) => (limit ?? null) === null)
}
