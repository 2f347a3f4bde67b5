import { memo } from 'react'
import type { WorldProvider } from '../../api/catalogue.ts'
import { hashOf } from '../../app/route.ts'
import { Fact, Facts } from '../../design/Facts.tsx'
import { strings } from '../../strings.ts'
import { number } from '../../text/format.ts'
import { keyEntry, upstreamEntry } from './config-entry.ts'
import { providerState } from './provider-state.ts'
import { SetupView } from './SetupView.tsx'

const words = strings.catalogue.providers

/** One provider: how the house stands with it, and behind it what to write. */
export const ProviderRow = memo(function ProviderRow({ provider }: { provider: WorldProvider }) {
  const { id, name, models } = provider
  return (
    <li className="far-off flex flex-col gap-1 px-4 py-3 [contain-intrinsic-size:auto_7rem] md:px-5">
      <div className="flex flex-wrap items-baseline justify-between gap-x-6">
        <div className="min-w-0">
          <h3 className="text-lg font-semibold">{name}</h3>
          <p className="font-mono text-xs text-soft">{id}</p>
        </div>
        <div className="flex min-w-0 flex-wrap items-center gap-x-4">
          <State provider={provider} />
          {models > 0 && (
            <a
              href={hashOf('catalogue', '', new URLSearchParams({ provider: id }).toString())}
              aria-label={`${words.modelsOf(name)} (${number(models)})`}
              className="touch inline-flex items-center text-sm text-slate underline underline-offset-2"
            >
              {words.models(number(models))}
            </a>
          )}
        </div>
      </div>
      {provider.why !== null && <p className="text-sm text-soft">{provider.why}</p>}
      <More provider={provider} />
    </li>
  )
})

function State({ provider }: { provider: WorldProvider }) {
  const { keyless, upstreams } = provider
  const state = providerState(provider)
  const looks = { keyless: 'text-ochre', ready: 'text-moss', unset: 'text-soft', unreached: 'text-soft' }
  const told = {
    keyless: words.keyMissing(keyless.join(', ')),
    ready: words.readyAs(upstreams.join(', ')),
    unset: words.states.unset,
    unreached: words.states.unreached,
  }
  return <p className={`text-sm font-semibold wrap-anywhere ${looks[state]}`}>{told[state]}</p>
}

function More({ provider }: { provider: WorldProvider }) {
  const state = providerState(provider)
  const entry = state === 'keyless' ? keyEntry(provider) : state === 'unset' ? upstreamEntry(provider) : null
  const label = entry === null ? words.details(provider.name) : words.setUp
  return (
    <details>
      <summary
        className="touch flex items-center gap-2 text-sm text-soft"
        aria-label={entry === null ? label : `${label}: ${provider.name}`}
      >
        {label}
      </summary>
      <div className="flex flex-col gap-4 pb-2">
        {entry && <SetupView entry={entry} provider={provider} />}
        <ProviderFacts provider={provider} />
      </div>
    </details>
  )
}

function ProviderFacts({ provider }: { provider: WorldProvider }) {
  const { address, reach, apis, documentation, isLocal, keyVariable } = provider
  return (
    <Facts>
      {address !== null && (
        <Fact name={reach === 'own_address' ? words.addressForm : words.address}>
          <span className="font-mono text-xs">{address}</span>
        </Fact>
      )}
      <Fact name={words.key}>
        {isLocal ? (
          words.keyNone
        ) : keyVariable === null ? (
          words.keyUnknown
        ) : (
          <code className="font-mono text-xs">{keyVariable}</code>
        )}
      </Fact>
      {apis.length > 0 && <Fact name={words.speaks}>{apis.map((api) => words.apis[api]).join(', ')}</Fact>}
      {documentation !== null && (
        <Fact name={words.documentation}>
          <a
            href={documentation}
            target="_blank"
            rel="noreferrer noopener"
            className="text-slate underline underline-offset-2"
          >
            {documentation}
          </a>
        </Fact>
      )}
    </Facts>
  )
}
