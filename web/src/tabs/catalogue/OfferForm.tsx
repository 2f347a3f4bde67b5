import { type FormEvent, useState } from 'react'
import type { OfferedCatalogue } from '../../api/catalogue.ts'
import { Button } from '../../design/Button.tsx'
import { AreaField, Choice, ChoiceGroup, TextField } from '../../design/Field.tsx'
import { Notice, wordsOf } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { offerOf, type OfferWay, offerWays, usualAddress } from './offer.ts'

const words = strings.catalogue.renew

interface OfferFormProps {
  isBusy: boolean
  error: unknown
  onOffer(offered: OfferedCatalogue): void
}

/** Where another catalogue comes from. */
export function OfferForm({ isBusy, error, onOffer }: OfferFormProps) {
  const [way, setWay] = useState<OfferWay>('url')
  const [url, setUrl] = useState<string>(usualAddress)
  const [file, setFile] = useState<File | null>(null)
  const [text, setText] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const read = await offerOf({ way, url, file, text })
    setProblem('problem' in read ? words[read.problem] : null)
    if ('offered' in read) onOffer(read.offered)
  }
  const change = (apply: () => void) => {
    setProblem(null)
    apply()
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
              checked={way === each}
              onChange={() => change(() => setWay(each))}
            />
          ))}
        </div>
      </ChoiceGroup>
      {way === 'url' && (
        <TextField
          label={words.url}
          hint={words.urlHint}
          problem={problem}
          type="url"
          value={url}
          onChange={(event) => change(() => setUrl(event.target.value))}
        />
      )}
      {way === 'file' && (
        <TextField
          label={words.file}
          hint={words.fileHint}
          problem={problem}
          type="file"
          accept=".json,application/json"
          onChange={(event) => change(() => setFile(event.target.files?.[0] ?? null))}
        />
      )}
      {way === 'paste' && (
        <AreaField
          label={words.paste}
          hint={words.pasteHint}
          problem={problem}
          isCode
          rows={8}
          spellCheck={false}
          autoComplete="off"
          value={text}
          onChange={(event) => change(() => setText(event.target.value))}
        />
      )}
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
