import { useEffect, useState } from 'react'
import type { PublicModel } from '../../api/types.ts'
import { usePage } from '../../app/page-state.ts'
import { hashOf } from '../../app/route.ts'
import { useStore } from '../../app/store.ts'
import { IconButton } from '../../design/Button.tsx'
import { copyText } from '../../design/CopyButton.tsx'
import { strings } from '../../strings.ts'
import { curlOf, requestBody } from './messages.ts'

const words = strings.chat
const copiedForMs = 2_500

interface ChatBarProps {
  models: readonly PublicModel[]
  model: string | null
  isReading: boolean
  onSettings(): void
}

/** Who answers, alone or beside another, and what can be done with the conversation as a whole. */
export function ChatBar({ models, model, isReading, onSettings }: ChatBarProps) {
  const { chat, route } = usePage()
  const { turns, rival } = useStore(chat.conversation)
  const other = models.find((candidate) => candidate.id !== model)
  return (
    <div className="flex items-start gap-1 border-b max-md:flex-wrap border-line bg-panel px-2 py-1.5 md:px-6">
      {/* On a phone the second model has a row of its own, below the first and what can be done. */}
      <div className="max-md:contents md:flex md:min-w-0 md:flex-1 md:gap-1">
        <ModelPicker
          label={words.model}
          className="basis-40"
          models={models}
          model={model}
          isReading={isReading}
          onPick={(picked) => {
            if (route.get().rest !== '') location.hash = hashOf('chat')
            chat.choose({ model: picked })
          }}
        />
        {rival !== null && (
          <ModelPicker
            label={words.rival}
            className="md:basis-40 max-md:order-last max-md:basis-full"
            models={models}
            model={rival}
            isReading={isReading}
            onPick={(picked) => chat.choose({ rival: picked })}
          />
        )}
      </div>
      <div className="flex shrink-0">
        <IconButton
          icon="columns"
          label={rival === null ? words.compare : words.compareEnd}
          aria-pressed={rival !== null}
          disabled={model === null}
          onClick={() => chat.choose({ rival: rival === null ? (other?.id ?? model) : null })}
          className="text-ink hover:bg-sunken aria-pressed:bg-ember-tint"
        />
        <CurlButton isDisabled={model === null} />
        <IconButton icon="sliders" label={words.settings} onClick={onSettings} />
        <IconButton icon="plus" label={words.newChat} disabled={turns.length === 0} onClick={() => chat.startAnew()} />
      </div>
    </div>
  )
}

interface ModelPickerProps {
  label: string
  models: readonly PublicModel[]
  model: string | null
  isReading: boolean
  className: string
  onPick(model: string): void
}

function ModelPicker({ label, models, model, isReading, className, onPick }: ModelPickerProps) {
  const isListed = models.some((candidate) => candidate.id === model)
  return (
    <label className={`flex min-w-0 flex-1 items-center gap-2 ${className}`}>
      <span className="px-2 text-sm whitespace-nowrap text-soft max-lg:sr-only">{label}</span>
      <select
        value={model ?? ''}
        disabled={isReading || models.length === 0}
        onChange={(event) => onPick(event.target.value)}
        className="touch w-full min-w-0 flex-1 truncate rounded-md border border-edge bg-raised px-3 text-base"
      >
        {models.length === 0 && <option value="">{isReading ? '…' : words.noModelsTitle}</option>}
        {!isListed && model !== null && models.length > 0 && <option value={model}>{model}</option>}
        {models.map((candidate) => (
          <option key={candidate.id} value={candidate.id}>
            {candidate.id} · {stateOf(candidate)}
          </option>
        ))}
      </select>
    </label>
  )
}

function stateOf(model: PublicModel): string {
  const state = model.hearth?.state
  if (!state || state === 'external') return model.owned_by
  return state === 'ready' ? words.state.ready : words.state.other
}

function CurlButton({ isDisabled }: { isDisabled: boolean }) {
  const { chat } = usePage()
  const [outcome, setOutcome] = useState('')
  useEffect(() => {
    if (outcome === '') return
    const timer = setTimeout(() => setOutcome(''), copiedForMs)
    return () => clearTimeout(timer)
  }, [outcome])
  const copy = () => {
    const body = requestBody(chat.conversation.get(), 'main')
    void copyText(curlOf(body, location.origin)).then((isDone) =>
      setOutcome(isDone ? strings.copied : strings.copyFailed),
    )
  }
  return (
    <>
      <IconButton
        icon={outcome === strings.copied ? 'check' : 'terminal'}
        label={words.copyCurl}
        disabled={isDisabled}
        onClick={copy}
      />
      <span role="status" className="sr-only">
        {outcome}
      </span>
    </>
  )
}
