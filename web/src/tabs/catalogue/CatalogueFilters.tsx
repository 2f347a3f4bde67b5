import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { catalogueQueries } from '../../api/catalogue.ts'
import { Button } from '../../design/Button.tsx'
import { Choice, ChoiceGroup, SelectField } from '../../design/Field.tsx'
import { TypedField } from '../../design/TypedField.tsx'
import { strings } from '../../strings.ts'
import { compact, dollars, number } from '../../text/format.ts'
import { anyModel, type CatalogueFilter, furtherSet, modalities, writeCatalogueFilter } from './catalogue-filter.ts'

const words = strings.catalogue
const contexts = ['8000', '32000', '128000', '200000', '400000', '1000000']
const prices = ['0', '0.1', '0.5', '1', '3', '10', '30']
const abilities = ['tools', 'reasoning', 'openWeights'] as const

interface CatalogueFiltersProps {
  filter: CatalogueFilter
  onChange(filter: CatalogueFilter): void
}

export function CatalogueFilters({ filter, onChange }: CatalogueFiltersProps) {
  const further = furtherSet(filter)
  const [isOpen, setOpen] = useState(further > 0)
  const set = (change: Partial<CatalogueFilter>) => onChange({ ...filter, ...change })
  return (
    <search className="flex flex-col gap-2">
      <div className="grid gap-x-4 gap-y-1 sm:grid-cols-[minmax(0,1fr)_16rem]">
        <TypedField label={words.text} hint={words.textHint} value={filter.text} onValue={(text) => set({ text })} />
        <SelectField
          label={words.usable}
          value={filter.usable}
          onChange={(event) =>
            set({ usable: (['true', 'false'] as const).find((each) => each === event.target.value) ?? '' })
          }
        >
          <option value="">{words.usableOptions.any}</option>
          <option value="true">{words.usableOptions.true}</option>
          <option value="false">{words.usableOptions.false}</option>
        </SelectField>
      </div>
      <details
        open={isOpen}
        onToggle={(event) => setOpen(event.currentTarget.open)}
        className="rounded-lg border border-line bg-panel"
      >
        <summary className="touch flex items-center gap-3 px-4 font-semibold md:px-5">
          {further === 0 ? words.filters : words.filtersSet(number(further))}
        </summary>
        <Further filter={filter} set={set} />
      </details>
      {writeCatalogueFilter(filter) !== '' && (
        <Button look="quiet" icon="cross" className="self-start" onClick={() => onChange(anyModel)}>
          {words.clear}
        </Button>
      )}
    </search>
  )
}

function Further({ filter, set }: { filter: CatalogueFilter; set(change: Partial<CatalogueFilter>): void }) {
  const modality = (name: 'input' | 'output') => (
    <SelectField
      label={words[name]}
      value={filter[name]}
      onChange={(event) => set({ [name]: modalities.find((each) => each === event.target.value) ?? '' })}
    >
      <option value="">{words.modalityAny}</option>
      {modalities.map((kind) => (
        <option key={kind} value={kind}>
          {words.modalities[kind]}
        </option>
      ))}
    </SelectField>
  )
  const price = (name: 'maxInputPrice' | 'maxOutputPrice') => (
    <ChosenField
      label={words[name]}
      any={words.priceAny}
      value={filter[name]}
      values={prices}
      told={(value) => words.pricePer(dollars(Number(value)))}
      onValue={(value) => set({ [name]: value })}
    />
  )
  return (
    <div className="flex flex-col gap-1 px-4 pb-3 md:px-5">
      <div className="grid gap-x-4 gap-y-1 sm:grid-cols-2 lg:grid-cols-3">
        <ProviderField value={filter.provider} onValue={(provider) => set({ provider })} />
        {modality('input')}
        {modality('output')}
        <ChosenField
          label={words.minContext}
          any={words.minContextAny}
          value={filter.minContext}
          values={contexts}
          told={(value) => words.tokens(compact(Number(value)))}
          onValue={(minContext) => set({ minContext })}
        />
        {price('maxInputPrice')}
        {price('maxOutputPrice')}
      </div>
      <ChoiceGroup label={words.abilities}>
        <div className="grid sm:grid-cols-3">
          {abilities.map((name) => (
            <Choice
              key={name}
              type="checkbox"
              name={name}
              label={words.ability[name]}
              checked={filter[name] === 'true'}
              onChange={(isChecked) => set({ [name]: isChecked ? 'true' : '' })}
            />
          ))}
        </div>
      </ChoiceGroup>
    </div>
  )
}

interface ChosenFieldProps {
  label: string
  any: string
  value: string
  values: readonly string[]
  told(value: string): string
  onValue(value: string): void
}

/** What an address asks for stands among the choices, whoever wrote it. */
function ChosenField({ label, any, value, values, told, onValue }: ChosenFieldProps) {
  const shown = value === '' || values.includes(value) ? values : [value, ...values]
  return (
    <SelectField label={label} value={value} onChange={(event) => onValue(event.target.value)}>
      <option value="">{any}</option>
      {shown.map((each) => (
        <option key={each} value={each}>
          {told(each)}
        </option>
      ))}
    </SelectField>
  )
}

function ProviderField({ value, onValue }: { value: string; onValue(value: string): void }) {
  const { data = [] } = useQuery(catalogueQueries.providers)
  const isKnown = value === '' || data.some(({ id }) => id === value)
  return (
    <SelectField label={words.provider} value={value} onChange={(event) => onValue(event.target.value)}>
      <option value="">{words.providerAny}</option>
      {!isKnown && <option value={value}>{value}</option>}
      {data
        .toSorted((one, other) => one.name.localeCompare(other.name))
        .map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
    </SelectField>
  )
}
