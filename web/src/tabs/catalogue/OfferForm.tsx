import { type FormEvent, useState } from 'react'
import type { OfferedCatalogue } from '../../api/catalogue.ts'
import { Button } from '../../design/Button.tsx'
import { AreaField, Choice, ChoiceGroup, TextField } from '../../design/Field.tsx'
import { Notice, wordsOf } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { type Offer, offerOf, offerWays, usualAddress } from './offer.ts'

const words = strings.catalogue.renew

interface OfferFormProps {
  isBusy: boolean
  error: unknown
  onOffer(offered: OfferedCatalogue): void
}

/** Where another catalogue comes from. */
export function OfferForm({ isBusy, error, onOffer }: OfferFormProps) {
  const [offer, setOffer] = useState<Offer>({ way: 'url', url: usualAddress, file: null, text: '' })
  const [problem, setProblem] = useState<string | null>(null)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const read = await offerOf(offer)
    setProblem('problem' in read ? words[read.problem] : null)
    if ('offered' in read) onOffer(read.offered)
  }
  const change = (part: Partial<Offer>) => {
    setProblem(null)
    setOffer((before) => ({ ...before, ...part }))
  }
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-3" noValidate>
      <h3 className="text-lg font-semibold">{words.another}</h3>
      <ChoiceGroup label={words.way}>
        <div className="grid sm:grid-cols-3">
          {offerWays.map((each) => (
            <Choice
              key={each}
              type="radio"
              name="way"
              label={words.ways[each]}
              checked={offer.way === each}
              onChange={() => change({ way: each })}
            />
          ))}
        </div>
      </ChoiceGroup>
      <OfferField offer={offer} problem={problem} change={change} />
      {Boolean(error) && !isBusy && (
        <Notice tone="failed" isLive>
          {wordsOf(error)}
        </Notice>
      )}
      <Button type="submit" look="main" icon="search" className="self-start max-sm:w-full" isBusy={isBusy}>
        {isBusy ? words.planning : words.plan}
      </Button>
    </form>
  )
}

interface OfferFieldProps {
  offer: Offer
  problem: string | null
  change(part: Partial<Offer>): void
}

function OfferField({ offer, problem, change }: OfferFieldProps) {
  switch (offer.way) {
    case 'url':
      return (
        <TextField
          label={words.url}
          hint={words.urlHint}
          problem={problem}
          type="url"
          value={offer.url}
          onChange={(event) => change({ url: event.target.value })}
        />
      )
    case 'file':
      return (
        <TextField
          label={words.file}
          hint={words.fileHint}
          problem={problem}
          type="file"
          accept=".json,application/json"
          onChange={(event) => change({ file: event.target.files?.[0] ?? null })}
        />
      )
    case 'paste':
      return (
        <AreaField
          label={words.paste}
          hint={words.pasteHint}
          problem={problem}
          isCode
          rows={8}
          spellCheck={false}
          autoComplete="off"
          value={offer.text}
          onChange={(event) => change({ text: event.target.value })}
        />
      )
  }
}
