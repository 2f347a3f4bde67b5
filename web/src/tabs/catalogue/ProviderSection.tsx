import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError } from '../../api/client.ts'
import { catalogueQueries, type WorldProvider } from '../../api/catalogue.ts'
import { Button } from '../../design/Button.tsx'
import { SelectField, TextField } from '../../design/Field.tsx'
import { Notice, ReadFailure, Skeletons } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { number } from '../../text/format.ts'
import { ProviderRow } from './ProviderRow.tsx'
import { providerState, providerStates, type ProviderState } from './provider-state.ts'
import { CatalogueHead } from './CatalogueHead.tsx'

const words = strings.catalogue.providers
const firstShown = 50

/** Everybody that models are had from: who is set up, whose key is missing, who could be. */
export function ProviderSection() {
  const read = useQuery(catalogueQueries.providers)
  return (
    <section aria-label={words.title} className="flex flex-col gap-5">
      <CatalogueHead title={words.title} lead={words.lead} />
      {read.data ? (
        <ProviderList providers={read.data} />
      ) : read.isPending ? (
        <Skeletons rows={6} height="h-20" />
      ) : read.error instanceof ApiError && read.error.status === 404 ? (
        <Notice tone="calm">{strings.catalogue.missing}</Notice>
      ) : (
        <ReadFailure what={words.title} error={read.error} onRetry={() => void read.refetch()} />
      )}
    </section>
  )
}

function ProviderList({ providers }: { providers: readonly WorldProvider[] }) {
  const [text, setText] = useState('')
  const [state, setState] = useState<ProviderState | ''>('')
  const [limit, setLimit] = useState(firstShown)
  const wanted = text.trim().toLowerCase()
  const matching = providers
    .filter((each) => `${each.id} ${each.name}`.toLowerCase().includes(wanted))
    .filter((each) => state === '' || providerState(each) === state)
    .toSorted((one, other) => rankOf(one) - rankOf(other) || one.name.localeCompare(other.name))
  return (
    <>
      <search className="grid gap-x-4 gap-y-1 sm:grid-cols-[minmax(0,1fr)_16rem]">
        <TextField label={words.filter} type="search" value={text} onChange={(event) => setText(event.target.value)} />
        <SelectField
          label={words.state}
          value={state}
          onChange={(event) => setState(providerStates.find((each) => each === event.target.value) ?? '')}
        >
          <option value="">{words.states.any}</option>
          {providerStates.map((each) => (
            <option key={each} value={each}>
              {words.states[each]}
            </option>
          ))}
        </SelectField>
      </search>
      <p role="status" className="-mt-3 text-sm text-soft">
        {matching.length === 0 ? words.noMatch : words.shown(number(matching.length))}
      </p>
      <ul className="divide-y divide-line rounded-lg border border-line bg-panel empty:hidden" aria-label={words.title}>
        {matching.slice(0, limit).map((provider) => (
          <ProviderRow key={provider.id} provider={provider} />
        ))}
      </ul>
      {matching.length > limit && (
        <Button className="self-center" onClick={() => setLimit(limit * 4)}>
          {words.more(number(matching.length - limit))}
        </Button>
      )}
    </>
  )
}

/** What wants something done first, then what works, then what could. */
const rankOf = (provider: WorldProvider): number => providerStates.indexOf(providerState(provider))
