import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ApiError } from '../../api/client.ts'
import { catalogueQueries, type WorldModel } from '../../api/catalogue.ts'
import { hashOf } from '../../app/route.ts'
import { CopyButton } from '../../design/CopyButton.tsx'
import { Dialog } from '../../design/Dialog.tsx'
import { Fact, Facts } from '../../design/Facts.tsx'
import { Notice, ReadFailure, Skeletons } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { dollars, number } from '../../text/format.ts'
import { kindsTold } from './catalogue-words.ts'
import { modelEntry } from './config-entry.ts'
import { SetupView } from './SetupView.tsx'
import { UseMark } from './WorldModelRow.tsx'

const words = strings.catalogue
const detail = words.detail

/** One model with all that is known of it, and the way to use it. */
export function ModelDialog({ id, onClose }: { id: string; onClose(): void }) {
  const read = useQuery({ ...catalogueQueries.model(id), retry: false })
  const isGone = read.error instanceof ApiError && read.error.status === 404
  return (
    <Dialog title={read.data?.name ?? id} onClose={onClose} place="side" isWide>
      {read.data ? (
        <div className="flex flex-col gap-6">
          <Use model={read.data} />
          <Known model={read.data} />
          <Prices model={read.data} />
        </div>
      ) : read.isPending ? (
        <Skeletons rows={4} />
      ) : isGone ? (
        <Notice tone="calm">
          <p>{detail.gone}</p>
          <p className="font-mono text-xs">{id}</p>
        </Notice>
      ) : (
        <ReadFailure what={id} error={read.error} onRetry={() => void read.refetch()} />
      )}
    </Dialog>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="flex flex-col gap-2">
      <h3 className="font-semibold">{title}</h3>
      {children}
    </section>
  )
}

function Use({ model }: { model: WorldModel }) {
  const { data: providers } = useQuery(catalogueQueries.providers)
  const provider = providers?.find(({ id }) => id === model.provider)
  const entry = provider && modelEntry(model, provider)
  return (
    <>
      <Part title={detail.here}>
        <UseMark model={model} />
        <p>{model.why}</p>
        {model.lacks === 'permission' && <p className="text-sm text-soft">{detail.permission}</p>}
        {model.local !== null && <TalkLink model={model.local} label={detail.local(model.local)} />}
      </Part>
      {model.as !== null && (
        <Part title={detail.use}>
          <p className="text-sm">{detail.askFor}</p>
          <div className="flex items-center gap-2 rounded-md border border-line bg-sunken p-1 pl-4">
            <code className="min-w-0 flex-1 font-mono text-sm wrap-anywhere">{model.as}</code>
            <CopyButton text={model.as} name={detail.copyName(model.as)} look="quiet" />
          </div>
          <TalkLink model={model.as} label={detail.talk} />
        </Part>
      )}
      {entry && (
        <Part title={words.setup.title}>
          <SetupView
            entry={entry}
            provider={provider}
            {...(entry.kind === 'upstream' ? { called: `${provider.id}/${model.model}` } : {})}
          />
        </Part>
      )}
    </>
  )
}

function TalkLink({ model, label }: { model: string; label: string }) {
  return (
    <a
      href={hashOf('chat', model)}
      className="touch inline-flex items-center self-start text-slate underline underline-offset-2"
    >
      {label}
    </a>
  )
}

function Known({ model }: { model: WorldModel }) {
  const tokens = (count: number | null) => (count === null ? strings.unknown : words.tokens(number(count)))
  const flag = (is: boolean | null) => (is === null ? strings.unknown : is ? detail.yes : detail.no)
  return (
    <Part title={detail.facts}>
      <Facts>
        <Fact name={detail.name}>
          <span className="font-mono text-xs">{model.model}</span>
        </Fact>
        <Fact name={detail.provider}>{model.provider}</Fact>
        <Fact name={detail.released}>{model.released ?? strings.unknown}</Fact>
        <Fact name={detail.context}>{tokens(model.contextTokens)}</Fact>
        <Fact name={detail.answer}>{tokens(model.outputTokens)}</Fact>
        <Fact name={detail.takes}>{model.input === null ? strings.unknown : kindsTold(model.input)}</Fact>
        <Fact name={detail.gives}>{model.output === null ? strings.unknown : kindsTold(model.output)}</Fact>
        <Fact name={detail.tools}>{flag(model.tools)}</Fact>
        <Fact name={detail.reasoning}>{flag(model.reasoning)}</Fact>
        <Fact name={detail.openWeights}>{flag(model.openWeights)}</Fact>
      </Facts>
    </Part>
  )
}

function Prices({ model: { price } }: { model: WorldModel }) {
  return (
    <Part title={detail.prices}>
      <p className="text-sm text-soft">{detail.pricesLead}</p>
      {price === null ? (
        <p className="text-sm">{words.priceUnknown}</p>
      ) : (
        <Facts>
          <Fact name={detail.input}>{dollars(price.input)}</Fact>
          <Fact name={detail.output}>{dollars(price.output)}</Fact>
          {price.cached !== null && <Fact name={detail.cached}>{dollars(price.cached)}</Fact>}
          {price.cacheWrite !== null && <Fact name={detail.cacheWrite}>{dollars(price.cacheWrite)}</Fact>}
        </Facts>
      )}
    </Part>
  )
}
