import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import {
  applyCatalogue,
  catalogueQueries,
  type CatalogueChanges,
  type CatalogueSource,
  planCatalogue,
  resetCatalogue,
} from '../../api/catalogue.ts'
import { Button } from '../../design/Button.tsx'
import { Dialog } from '../../design/Dialog.tsx'
import { Fact, Facts } from '../../design/Facts.tsx'
import { Notice, ReadFailure, Skeletons, wordsOf } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { moment, number } from '../../text/format.ts'
import { CatalogueHead } from './CatalogueHead.tsx'
import { ChangesDialog } from './ChangesDialog.tsx'
import { OfferForm } from './OfferForm.tsx'

const words = strings.catalogue.renew

/** Another catalogue is looked at first; what is taken is exactly what was shown. */
export function RenewSection() {
  const source = useQuery(catalogueQueries.source)
  const [changes, setChanges] = useState<CatalogueChanges | null>(null)
  const renewed = useRenewed()
  const planning = useMutation({ mutationFn: planCatalogue, onSuccess: setChanges })
  const taking = useMutation({
    mutationFn: applyCatalogue,
    async onSuccess() {
      await renewed()
      setChanges(null)
    },
  })
  return (
    <section aria-label={words.title} className="flex flex-col gap-6">
      <CatalogueHead title={words.title} lead={words.lead} />
      {taking.data && changes === null && (
        <Notice tone="calm" isLive>
          {words.taken(number(taking.data.models), number(taking.data.providers))}
        </Notice>
      )}
      {source.data ? (
        <InEffect source={source.data} />
      ) : source.isPending ? (
        <Skeletons rows={1} />
      ) : (
        <ReadFailure what={words.inEffect} error={source.error} onRetry={() => void source.refetch()} />
      )}
      <OfferForm
        isBusy={planning.isPending}
        error={planning.error}
        onOffer={(offered) => {
          taking.reset()
          planning.mutate(offered)
        }}
      />
      {changes && (
        <ChangesDialog
          changes={changes}
          isTaking={taking.isPending}
          error={taking.error}
          onTake={() => taking.mutate(changes.hash)}
          onClose={() => setChanges(null)}
        />
      )}
    </section>
  )
}

/** Names, contexts and prices of models that this house passes on stand in other lists too. */
function useRenewed(): () => Promise<unknown> {
  const client = useQueryClient()
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ['catalogue'] }),
      client.invalidateQueries({ queryKey: ['public'] }),
      client.invalidateQueries({ queryKey: ['status'] }),
    ])
}

function InEffect({ source }: { source: CatalogueSource }) {
  const [isAsking, setAsking] = useState(false)
  const { from, updatedAt } = source
  return (
    <section
      aria-label={words.inEffect}
      className="flex flex-col gap-3 rounded-lg border border-line bg-panel p-4 md:p-5"
    >
      <h3 className="font-semibold">{words.inEffect}</h3>
      <p>{words.counts(number(source.models), number(source.providers))}</p>
      <Facts>
        <Fact name={words.asOf}>{source.asOf}</Fact>
        <Fact name={words.gatheredBy}>{source.source}</Fact>
        <Fact name={words.from}>{from ?? words.cameWith}</Fact>
        {updatedAt !== null && <Fact name={words.takenAt}>{moment(updatedAt)}</Fact>}
      </Facts>
      {from !== null && (
        <Button
          icon="undo"
          className="self-start max-sm:w-full max-sm:whitespace-normal"
          onClick={() => setAsking(true)}
        >
          {words.reset}
        </Button>
      )}
      {isAsking && from !== null && <ResetDialog from={from} onClose={() => setAsking(false)} />}
    </section>
  )
}

function ResetDialog({ from, onClose }: { from: string; onClose(): void }) {
  const renewed = useRenewed()
  const reset = useMutation({
    mutationFn: resetCatalogue,
    async onSuccess() {
      await renewed()
      onClose()
    },
  })
  return (
    <Dialog
      title={words.resetTitle}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{strings.cancel}</Button>
          <Button look="grave" isBusy={reset.isPending} onClick={() => reset.mutate()}>
            {reset.isPending ? words.resetting : words.resetConfirm}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <p>{words.resetLead(from)}</p>
        {reset.error && (
          <Notice tone="failed" isLive>
            {wordsOf(reset.error)}
          </Notice>
        )}
      </div>
    </Dialog>
  )
}
