import { useState } from 'react'
import { Choice, ChoiceGroup, SelectField, TextField } from '../../design/Field.tsx'
import { strings } from '../../strings.ts'
import { typeName } from '../../text/entity-types.ts'
import { type DataClass, dataClasses, type PolicyForm, type Problems, type Ruling, rulings } from './policy-form.ts'

const words = strings.privacy.edit
const { classes, rulings: rulingNames } = strings.privacy.policies
const types = Object.keys(strings.privacy.types).filter((type) => type !== 'LITERAL')

interface FieldsProps {
  form: PolicyForm
  change(part: Partial<PolicyForm>): void
}

export function PolicyFields({ form, isNew, problems, change }: FieldsProps & { isNew: boolean; problems: Problems }) {
  return (
    <>
      {isNew && (
        <TextField
          label={words.name}
          hint={words.nameHint}
          problem={problems.name ?? null}
          value={form.name}
          autoCapitalize="off"
          spellCheck={false}
          onChange={(event) => change({ name: event.target.value })}
        />
      )}
      <Classes form={form} change={change} />
      <Names form={form} change={change} />
      <SelectField
        label={words.secrets}
        value={form.restoreSecrets}
        onChange={(event) => change({ restoreSecrets: event.target.value as PolicyForm['restoreSecrets'] })}
      >
        {Object.entries(words.secretChoices).map(([choice, label]) => (
          <option key={choice} value={choice}>
            {label}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={words.urls}
        value={form.urls}
        onChange={(event) => change({ urls: event.target.value as PolicyForm['urls'] })}
      >
        {Object.entries(words.urlChoices).map(([choice, label]) => (
          <option key={choice} value={choice}>
            {label}
          </option>
        ))}
      </SelectField>
      <TextField
        label={words.score}
        hint={words.scoreHint}
        problem={problems.minScore ?? null}
        inputMode="decimal"
        value={form.minScore}
        onChange={(event) => change({ minScore: event.target.value })}
      />
      <Choice
        type="checkbox"
        name="hint"
        label={words.hint}
        checked={form.hint}
        onChange={(hint) => change({ hint })}
      />
      <Passed form={form} change={change} />
    </>
  )
}

function Classes({ form, change }: FieldsProps) {
  const set = (data: DataClass, ruling: Ruling) => change({ cloud: { ...form.cloud, [data]: ruling } })
  return (
    <fieldset>
      <legend className="pb-2 text-sm font-semibold">{words.classes}</legend>
      <div className="grid gap-x-4 gap-y-1 sm:grid-cols-2">
        {dataClasses.map((data) => (
          <SelectField
            key={data}
            label={classes[data]}
            value={form.cloud[data]}
            onChange={(event) => set(data, event.target.value as Ruling)}
          >
            {rulings[data].map((ruling) => (
              <option key={ruling} value={ruling}>
                {rulingNames[ruling]}
              </option>
            ))}
          </SelectField>
        ))}
      </div>
    </fieldset>
  )
}

const nameChoices = ['known-names', 'local-only', 'block'] as const

function Names({ form, change }: FieldsProps) {
  return (
    <ChoiceGroup label={words.namesLegend}>
      {nameChoices.map((names) => (
        <Choice
          key={names}
          type="radio"
          name="names"
          label={words.names[names]}
          hint={words.nameHints[names]}
          checked={form.names === names}
          onChange={() => change({ names })}
        />
      ))}
    </ChoiceGroup>
  )
}

function Passed({ form, change }: FieldsProps) {
  const [startsOpen] = useState(form.pass.length > 0)
  return (
    <details className="rounded-md border border-line" open={startsOpen}>
      <summary className="touch flex items-center justify-between gap-3 px-3 text-sm font-semibold">
        {words.pass}
        {form.pass.length > 0 && ` (${form.pass.length})`}
      </summary>
      <div className="grid px-1 pb-2 sm:grid-cols-2">
        {types.map((type) => (
          <Choice
            key={type}
            type="checkbox"
            name={type}
            label={typeName(type)}
            checked={form.pass.includes(type)}
            onChange={(isPassed) =>
              change({ pass: isPassed ? [...form.pass, type] : form.pass.filter((held) => held !== type) })
            }
          />
        ))}
      </div>
    </details>
  )
}
