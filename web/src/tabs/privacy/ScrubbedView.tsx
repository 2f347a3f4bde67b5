import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { rehydrate, type Scrubbed, shred } from '../../api/privacy.ts'
import { Button } from '../../design/Button.tsx'
import { CopyButton } from '../../design/CopyButton.tsx'
import { AreaField } from '../../design/Field.tsx'
import { Notice, wordsOf } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { moment, number } from '../../text/format.ts'
import { FoundView } from './FoundView.tsx'
import { MarkedText } from './MarkedText.tsx'
import { outputPieces } from './pieces.ts'

const words = strings.privacy.try

interface ScrubbedViewProps {
  text: string
  scrubbed: Scrubbed
}

/** What would leave, the way back, and what was found. */
export function ScrubbedView({ text, scrubbed }: ScrubbedViewProps) {
  const { output, handle, names } = scrubbed
  const spans = scrubbed.spans ?? []
  const pieces = outputPieces({ text, output }, spans) ?? [{ text: output, place: null }]
  const [isDestroyed, setDestroyed] = useState(false)
  return (
    <div className="flex flex-col gap-6">
      <div className="flex flex-col gap-2">
        <div className="flex flex-wrap items-center justify-between gap-3">
          <h3 className="text-lg font-semibold">{words.output}</h3>
          <CopyButton text={output} name={words.copyOutput} />
        </div>
        <MarkedText label={words.output} pieces={pieces} types={spans.map(({ type }) => type)} active={null} />
        <p className="text-sm text-soft">{scrubbed.leak_check === 'passed' ? words.leakPassed : words.leakSkipped}</p>
      </div>
      <FoundView text={text} spans={spans} names={names} />
      {handle !== null && spans.length > 0 && (
        <>
          {!isDestroyed && <PutBack handle={handle} output={output} />}
          <Keeping scrubbed={scrubbed} isDestroyed={isDestroyed} onDestroyed={() => setDestroyed(true)} />
        </>
      )}
    </div>
  )
}

function PutBack({ handle, output }: { handle: string; output: string }) {
  const [answer, setAnswer] = useState(output)
  const back = useMutation({ mutationFn: () => rehydrate(handle, answer) })
  const { data } = back
  return (
    <section aria-label={words.back} className="flex flex-col gap-3">
      <h3 className="text-lg font-semibold">{words.back}</h3>
      <AreaField
        label={words.backText}
        hint={words.backHint}
        rows={4}
        value={answer}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setAnswer(event.target.value)}
      />
      <Button
        className="self-start"
        icon="undo"
        isBusy={back.isPending}
        disabled={answer.trim() === ''}
        onClick={() => back.mutate()}
      >
        {back.isPending ? words.puttingBack : words.putBack}
      </Button>
      {back.error && (
        <Notice tone="failed" isLive>
          {wordsOf(back.error)}
        </Notice>
      )}
      {data && (
        <div className="flex flex-col gap-2">
          <p role="status" className="text-moss">
            {words.restored(number(data.replaced))}
          </p>
          {data.unresolved.length > 0 && (
            <p className="text-sm text-ochre">{words.unresolved(data.unresolved.join(', '))}</p>
          )}
          <div
            role="group"
            aria-label={words.result}
            tabIndex={0}
            className="max-h-96 overflow-y-auto rounded-md border border-line bg-raised p-3 whitespace-pre-wrap
              wrap-anywhere"
          >
            {data.output}
          </div>
        </div>
      )}
    </section>
  )
}

interface KeepingProps {
  scrubbed: Scrubbed
  isDestroyed: boolean
  onDestroyed(): void
}

function Keeping({ scrubbed, isDestroyed, onDestroyed }: KeepingProps) {
  const { scope, expires_at: until } = scrubbed
  const client = useQueryClient()
  const destroy = useMutation({
    mutationFn: () => shred(scope ?? ''),
    onSuccess() {
      onDestroyed()
      void client.invalidateQueries({ queryKey: ['privacy', 'scopes'] })
    },
  })
  if (scope === null || until === null) return null
  if (isDestroyed)
    return (
      <p role="status" className="text-sm text-soft">
        {words.destroyed}
      </p>
    )
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 border-t border-line pt-4">
      <p className="text-sm text-soft">{words.kept(moment(until))}</p>
      <Button look="danger" isBusy={destroy.isPending} onClick={() => destroy.mutate()}>
        {words.destroy}
      </Button>
      {destroy.error && (
        <p role="alert" className="w-full text-sm text-garnet">
          {wordsOf(destroy.error)}
        </p>
      )}
    </div>
  )
}
