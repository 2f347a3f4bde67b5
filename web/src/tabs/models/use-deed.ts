import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ApiError, modelPath } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import type { ModelView, Plan, Planned } from '../../api/types.ts'
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
  const [question, setQuestion] = useState<Question | null>(null)

  const noteModel = (view: ModelView) => {
    client.setQueryData(queries.models.queryKey, (list) => list?.map((entry) => (entry.id === view.id ? view : entry)))
  }
  const plan = async (deed: Deed) =>
    (await api<Planned>(`${modelPath(model.id)}/${deed}?dryRun=1`, { method: 'POST' })).plan

  async function apply(deed: Deed, agreed: Plan): Promise<void> {
    try {
      const done = await api<Planned>(`${modelPath(model.id)}/${deed}?hash=${agreed.hash}`, { method: 'POST' })
      noteModel(done.model)
      setQuestion(null)
    } catch (thrown) {
      if (!(thrown instanceof ApiError) || thrown.status !== 409) throw thrown
      const revised = await plan(deed)
      if (revised.hash === agreed.hash) throw thrown
      setQuestion({ deed, plan: revised, isRevised: true })
    }
  }

  const begin = useMutation({
    mutationFn: async (deed: Deed) => {
      const found = await plan(deed)
      if (isHarmless(found, model, deed)) await apply(deed, found)
      else setQuestion({ deed, plan: found, isRevised: false })
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
