import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useState } from 'react'
import { type PolicyView, privacyQueries, putPolicy } from '../../api/privacy.ts'
import { Button } from '../../design/Button.tsx'
import { Dialog } from '../../design/Dialog.tsx'
import { Notice, wordsOf } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { loosenings } from './loosening.ts'
import { formOf, type PolicyRules, type Problems, readPolicyForm, safeRules, wireRules } from './policy-form.ts'
import { PolicyFields } from './PolicyFields.tsx'
import { cloudsOf } from './policy-words.ts'

const words = strings.privacy.edit

interface PolicyDialogProps {
  /** null = a new one. */
  policy: PolicyView | null
  taken: readonly string[]
  hasRecogniser: boolean
  onClose(): void
}

interface Asking {
  readonly rules: PolicyRules
  readonly sentences: readonly string[]
}

/** Tightening is saved at once; what lets more leave is said in words first, and asked for. */
export function PolicyDialog({ policy, taken, hasRecogniser, onClose }: PolicyDialogProps) {
  const client = useQueryClient()
  const [form, setForm] = useState(() => formOf(policy))
  const [problems, setProblems] = useState<Problems>({})
  const [asking, setAsking] = useState<Asking | null>(null)
  const save = useMutation({
    mutationFn: (rules: PolicyRules) => putPolicy(policy?.name ?? form.name.trim(), wireRules(rules)),
    async onSuccess() {
      await Promise.all([
        client.invalidateQueries({ queryKey: privacyQueries.policies.queryKey }),
        client.invalidateQueries({ queryKey: privacyQueries.status.queryKey }),
      ])
      onClose()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const read = readPolicyForm(form, policy === null ? taken : null)
    setProblems('problems' in read ? read.problems : {})
    if (!('rules' in read)) return
    const sentences = loosenings(policy ?? safeRules, read.rules, { hasRecogniser })
    if (sentences.length > 0) setAsking({ rules: read.rules, sentences })
    else save.mutate(read.rules)
  }
  const failure = save.error && (
    <Notice tone="failed" isLive>
      {wordsOf(save.error)}
    </Notice>
  )
  if (asking)
    return (
      <AskDialog
        clouds={cloudsOf(policy ?? { isDefault: false, upstreams: [] })}
        sentences={asking.sentences}
        isBusy={save.isPending}
        failure={failure}
        onBack={() => setAsking(null)}
        onConfirm={() => save.mutate(asking.rules)}
      />
    )
  return (
    <Dialog
      title={policy === null ? words.makeTitle : words.title(policy.name)}
      onClose={onClose}
      isWide
      footer={
        <>
          <Button onClick={onClose}>{strings.cancel}</Button>
          <Button type="submit" form="policy" look="main" isBusy={save.isPending}>
            {save.isPending ? words.saving : words.save}
          </Button>
        </>
      }
    >
      <form id="policy" onSubmit={submit} className="flex flex-col gap-5" noValidate>
        <PolicyFields
          form={form}
          isNew={policy === null}
          problems={problems}
          change={(part) => setForm((before) => ({ ...before, ...part }))}
        />
        {failure}
      </form>
    </Dialog>
  )
}

interface AskDialogProps {
  clouds: string
  sentences: readonly string[]
  isBusy: boolean
  failure: ReactNode
  onBack(): void
  onConfirm(): void
}

/** What will leave that did not. Whoever goes back finds the form as it was. */
function AskDialog({ clouds, sentences, isBusy, failure, onBack, onConfirm }: AskDialogProps) {
  return (
    <Dialog
      title={words.confirmTitle}
      onClose={onBack}
      footer={
        <>
          <Button onClick={onBack}>{words.back}</Button>
          <Button look="grave" isBusy={isBusy} onClick={onConfirm}>
            {isBusy ? words.saving : words.confirm}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <p>{words.confirmLead(clouds)}</p>
        <ul className="flex list-disc flex-col gap-2 pl-5 font-semibold">
          {sentences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
        {failure}
      </div>
    </Dialog>
  )
}
