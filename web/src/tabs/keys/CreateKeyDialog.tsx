import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { api } from '../../api/client.ts'
import type { IssuedKey, KeyWish, Scope } from '../../api/types.ts'
import { Button } from '../../design/Button.tsx'
import { Dialog } from '../../design/Dialog.tsx'
import { Choice, ChoiceGroup, SelectField, TextField } from '../../design/Field.tsx'
import { Notice, wordsOf } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import {
  type Amount,
  amounts,
  emptyForm,
  type Expiry,
  expiries,
  type KeyForm,
  type Problems,
  readForm,
} from './key-form.ts'

const words = strings.keyForm
const offered: readonly Scope[] = ['inference', 'monitor', 'fleet.operate', 'admin']
const limitLabels: Readonly<Record<Amount, string>> = {
  requestsPerMinute: words.requests,
  tokensPerMinute: words.tokens,
  concurrency: words.concurrency,
}

export function CreateKeyDialog({ onClose, onIssued }: { onClose(): void; onIssued(key: IssuedKey): void }) {
  const [form, setForm] = useState<KeyForm>(emptyForm)
  const [problems, setProblems] = useState<Problems>({})
  const create = useMutation({
    mutationFn: (wish: KeyWish) => api<IssuedKey>('/api/keys', { method: 'POST', body: wish }),
    onSuccess: onIssued,
  })
  const shown = useRef<HTMLFormElement>(null)
  // What is wrong may be far above the button that was pressed.
  useEffect(() => {
    const first = shown.current?.querySelector<HTMLElement>('[aria-invalid=true], [role=alert]')
    first?.focus()
    first?.scrollIntoView({ block: 'center' })
  }, [problems])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const read = readForm(form, Date.now())
    setProblems('problems' in read ? read.problems : {})
    if ('wish' in read) create.mutate(read.wish)
  }
  const change = (part: Partial<KeyForm>) => setForm((before) => ({ ...before, ...part }))
  return (
    <Dialog
      title={words.title}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{strings.cancel}</Button>
          <Button type="submit" form="create-key" look="main" isBusy={create.isPending}>
            {create.isPending ? words.busy : words.submit}
          </Button>
        </>
      }
    >
      <form ref={shown} id="create-key" onSubmit={submit} className="flex flex-col gap-5" noValidate>
        <TextField
          label={words.name}
          hint={words.nameHint}
          placeholder={words.namePlaceholder}
          problem={problems.name ?? null}
          value={form.name}
          onChange={(event) => change({ name: event.target.value })}
        />
        <Scopes form={form} problem={problems.scopes} change={change} />
        <Models form={form} problem={problems.models} change={change} />
        <Limits form={form} problems={problems} change={change} />
        <Line form={form} problem={problems.weight} change={change} />
        <SelectField
          label={words.expiry}
          value={form.expiry}
          onChange={(event) => change({ expiry: event.target.value as Expiry })}
        >
          {expiries.map((expiry) => (
            <option key={expiry} value={expiry}>
              {words.expiryOptions[expiry]}
            </option>
          ))}
        </SelectField>
        {create.error && (
          <Notice tone="failed" isLive>
            {wordsOf(create.error)}
          </Notice>
        )}
      </form>
    </Dialog>
  )
}

interface PartProps {
  form: KeyForm
  change(part: Partial<KeyForm>): void
}

function Scopes({ form, problem, change }: PartProps & { problem: string | undefined }) {
  return (
    <ChoiceGroup label={words.scopes} problem={problem ?? null}>
      {offered.map((scope) => (
        <Choice
          key={scope}
          type="checkbox"
          name={scope}
          label={strings.scopes[scope].name}
          hint={strings.scopes[scope].what}
          checked={form.scopes.includes(scope)}
          onChange={(isChecked) =>
            change({ scopes: isChecked ? [...form.scopes, scope] : form.scopes.filter((held) => held !== scope) })
          }
        />
      ))}
    </ChoiceGroup>
  )
}

function Models({ form, problem, change }: PartProps & { problem: string | undefined }) {
  return (
    <ChoiceGroup label={words.models}>
      <Choice
        type="radio"
        name="models"
        label={words.modelsAll}
        checked={form.hasAllModels}
        onChange={() => change({ hasAllModels: true })}
      />
      <Choice
        type="radio"
        name="models"
        label={words.modelsSome}
        checked={!form.hasAllModels}
        onChange={() => change({ hasAllModels: false })}
      />
      {!form.hasAllModels && (
        <div className="pl-10">
          <TextField
            label={words.modelsSome}
            hint={words.modelsHint}
            problem={problem ?? null}
            value={form.models}
            autoCapitalize="off"
            spellCheck={false}
            onChange={(event) => change({ models: event.target.value })}
          />
        </div>
      )}
    </ChoiceGroup>
  )
}

function Limits({ form, problems, change }: PartProps & { problems: Problems }) {
  return (
    <fieldset>
      <legend className="pb-2 text-sm font-semibold">
        {words.limits} <span className="font-normal text-soft">({strings.optional})</span>
      </legend>
      <div className="grid gap-3 sm:grid-cols-3">
        {amounts.map((name) => (
          <TextField
            key={name}
            label={limitLabels[name]}
            inputMode="numeric"
            placeholder={words.noLimit}
            problem={problems[name] ?? null}
            value={form.limits[name]}
            onChange={(event) => change({ limits: { ...form.limits, [name]: event.target.value } })}
          />
        ))}
      </div>
    </fieldset>
  )
}

/** Who goes first where places are taken and requests wait. */
function Line({ form, problem, change }: PartProps & { problem: string | undefined }) {
  return (
    <div className="flex flex-col gap-3">
      <ChoiceGroup label={words.line}>
        {[false, true].map((isPatient) => (
          <Choice
            key={String(isPatient)}
            type="radio"
            name="line"
            label={isPatient ? words.patient : words.awaited}
            hint={isPatient ? words.patientHint : words.awaitedHint}
            checked={form.isPatient === isPatient}
            onChange={() => change({ isPatient })}
          />
        ))}
      </ChoiceGroup>
      <TextField
        label={words.weight}
        hint={words.weightHint}
        isOptional
        inputMode="numeric"
        placeholder="1"
        problem={problem ?? null}
        value={form.weight}
        onChange={(event) => change({ weight: event.target.value })}
      />
    </div>
  )
}
