import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { queries } from '../../api/queries.ts'
import { Button } from '../../design/Button.tsx'
import { SelectField } from '../../design/Field.tsx'
import { TypedField } from '../../design/TypedField.tsx'
import { strings } from '../../strings.ts'
import { anyRequest, outcomes, type RequestFilter, sinces, writeFilter } from './filter.ts'

const words = strings.requests

interface FilterBarProps {
  filter: RequestFilter
  keyNames: ReadonlyMap<string, string>
  onChange(filter: RequestFilter): void
}

export function FilterBar({ filter, keyNames, onChange }: FilterBarProps) {
  const status = useQuery(queries.status)
  const models = useQuery(queries.public)
  const modelsId = useId()
  const set = (change: Partial<RequestFilter>) => onChange({ ...filter, ...change })
  const upstreams = new Set(['local', ...(status.data?.upstreams ?? []).map((upstream) => upstream.name)])
  if (filter.upstream !== '') upstreams.add(filter.upstream)
  const isAny = writeFilter(filter) === ''
  const [isOpen, setOpen] = useState(!isAny)
  return (
    <details
      open={isOpen}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      className="rounded-lg border border-line bg-panel"
    >
      <summary className="touch flex items-center gap-3 px-4 font-semibold md:px-5">{words.filters}</summary>
      <search className="grid gap-x-4 gap-y-1 px-4 pb-3 sm:grid-cols-2 md:px-5 lg:grid-cols-3">
        <TypedField label={words.text} value={filter.text} onValue={(text) => set({ text })} />
        <TypedField label={words.model} value={filter.model} list={modelsId} onValue={(model) => set({ model })} />
        <datalist id={modelsId}>
          {(models.data ?? []).map((model) => (
            <option key={model.id} value={model.id} />
          ))}
        </datalist>
        <KeyField filter={filter} keyNames={keyNames} onValue={(key) => set({ key })} />
        <SelectField
          label={words.upstream}
          value={filter.upstream}
          onChange={(event) => set({ upstream: event.target.value })}
        >
          <option value="">{words.upstreamAny}</option>
          {[...upstreams].map((name) => (
            <option key={name} value={name}>
              {name === 'local' ? words.local : name}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={words.outcome}
          value={filter.outcome}
          onChange={(event) => set({ outcome: outcomes.find((outcome) => outcome === event.target.value) ?? '' })}
        >
          <option value="">{words.outcomeAny}</option>
          {outcomes.map((outcome) => (
            <option key={outcome} value={outcome}>
              {words.outcomes[outcome]}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={words.since}
          value={filter.since}
          onChange={(event) => set({ since: sinces.find((since) => since === event.target.value) ?? '' })}
        >
          <option value="">{words.sinceAny}</option>
          {sinces.map((since) => (
            <option key={since} value={since}>
              {words.sinceOptions[since]}
            </option>
          ))}
        </SelectField>
        <Button className="self-start" disabled={isAny} onClick={() => onChange(anyRequest)}>
          {words.clear}
        </Button>
      </search>
    </details>
  )
}

/** Who may read the keys picks one by its name; others write its public id. */
function KeyField({
  filter,
  keyNames,
  onValue,
}: {
  filter: RequestFilter
  keyNames: ReadonlyMap<string, string>
  onValue(key: string): void
}) {
  if (keyNames.size === 0) return <TypedField label={words.key} value={filter.key} onValue={onValue} />
  const isKnown = filter.key === '' || keyNames.has(filter.key)
  return (
    <SelectField label={words.key} value={filter.key} onChange={(event) => onValue(event.target.value)}>
      <option value="">{words.keyAny}</option>
      {!isKnown && <option value={filter.key}>{filter.key}</option>}
      {[...keyNames].map(([id, name]) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </SelectField>
  )
}
