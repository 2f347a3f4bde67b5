import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ApiError, modelPath } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import type { ModelView, Plan, Planned } from '../../api/types.ts'
import { usePage } from '../../app/page-state.ts'
import { type Deed, isHarmless } from './plan.ts'

/** A plan that a person must see before it is applied. */
export interface Question {
  readonly deed: Deed
  readonly plan: Plan
  /** It was confirmed once already, and something changed in between. */
  readonly isRevised: boolean
}

/**
 * Loading and unloading: the plan first, always. It is applied at once when nobody else notices, else after a
 * confirmation that is bound to the plan's hash; if the house changed in between, the new plan is shown.
 */
export function useDeed(model: ModelView) {
  const client = useQueryClient()
  const { live } = usePage()
  const [question, setQuestion] = useState<Question | null>(null)

  // The answer's view of the model may be older than an event that came before it: written into the cache it would
  // stay. The events tell what happens; only while there are none, the models are read.
  const noteApplied = () => {
    if (live.status.get().kind !== 'live') void client.invalidateQueries({ queryKey: queries.models.queryKey })
  }
  const plan = (deed: Deed) => api<Planned>(`${modelPath(model.id)}/${deed}?dryRun=1`, { method: 'POST' })

  async function apply(deed: Deed, agreed: Plan): Promise<void> {
    try {
      await api<Planned>(`${modelPath(model.id)}/${deed}?hash=${agreed.hash}`, { method: 'POST' })
      noteApplied()
      setQuestion(null)
    } catch (thrown) {
      if (!(thrown instanceof ApiError) || thrown.status !== 409) throw thrown
      const { plan: revised } = await plan(deed)
      if (revised.hash === agreed.hash) throw thrown
      setQuestion({ deed, plan: revised, isRevised: true })
    }
  }

  const begin = useMutation({
    mutationFn: async (deed: Deed) => {
      const found = await plan(deed)
      // Judged by the view that came with the plan: the one on the page may be a moment old.
      if (isHarmless(found.plan, found.model, deed)) await apply(deed, found.plan)
      else setQuestion({ deed, plan: found.plan, isRevised: false })
    },
  })
  const confirm = useMutation({ mutationFn: (asked: Question) => apply(asked.deed, asked.plan) })

  return {
    begin: (deed: Deed) => begin.mutate(deed),
    isChecking: begin.isPending,
    error: begin.error,
    question,
    confirm: () => question && confirm.mutate(question),
    isApplying: confirm.isPending,
    confirmError: confirm.error,
    dismiss: () => setQuestion(null),
  }
}
