import { Button } from '../../design/Button.tsx'
import { Dialog } from '../../design/Dialog.tsx'
import { Notice, wordsOf } from '../../design/Notice.tsx'
import type { Plan } from '../../api/types.ts'
import { strings } from '../../strings.ts'
import type { Question } from './use-deed.ts'

interface PlanDialogProps {
  id: string
  question: Question
  isApplying: boolean
  error: unknown
  onConfirm(): void
  onClose(): void
}

/** What will happen, in sentences, before it does; or why it cannot. */
export function PlanDialog({ id, question, isApplying, error, onConfirm, onClose }: PlanDialogProps) {
  const { deed, plan, isRevised } = question
  const isImpossible = plan.obstacles.length > 0
  const words = strings.plan
  const title = isImpossible
    ? deed === 'load'
      ? words.cannotLoad(id)
      : words.cannotUnload(id)
    : deed === 'load'
      ? words.loadTitle(id)
      : words.unloadTitle(id)
  const footer = isImpossible ? (
    <Button onClick={onClose}>{strings.close}</Button>
  ) : (
    <>
      <Button onClick={onClose}>{words.keep}</Button>
      <Button look="main" onClick={onConfirm} isBusy={isApplying}>
        {deed === 'load' ? words.load : words.unload}
      </Button>
    </>
  )
  return (
    <Dialog title={title} onClose={onClose} footer={footer}>
      <div className="flex flex-col gap-4">
        {isRevised && <Notice tone="watch">{words.changed}</Notice>}
        {!isImpossible && !isRevised && <p>{words.effects}</p>}
        <ul className="flex flex-col gap-2">
          {(isImpossible ? plan.obstacles : effectsOf(plan)).map((sentence) => (
            <li key={sentence} className="flex gap-3">
              <span className="embers mt-2 size-2 shrink-0 rounded-full" aria-hidden="true" />
              {sentence}
            </li>
          ))}
        </ul>
        {Boolean(error) && (
          <Notice tone="failed" isLive>
            {wordsOf(error)}
          </Notice>
        )}
      </div>
    </Dialog>
  )
}

/** The server's sentences; where it has none, the steps speak for themselves. */
function effectsOf(plan: Plan): readonly string[] {
  if (plan.effects.length > 0) return plan.effects
  const told = plan.steps.flatMap(({ step }) =>
    step.kind === 'prove' ? [] : [strings.plan.steps[step.kind](step.model)],
  )
  return told.length > 0 ? told : [strings.plan.noEffects]
}
