import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { queries } from '../../api/queries.ts'
import type { PublicModel } from '../../api/types.ts'
import { usePage, useSession } from '../../app/page-state.ts'
import { hashOf } from '../../app/route.ts'
import { may } from '../../app/session.ts'
import { useStore } from '../../app/store.ts'
import { IconButton } from '../../design/Button.tsx'
import { EmptyState, ReadFailure, Skeletons } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import type { TabProps } from '../tab.ts'
import { ChatSettings } from './ChatSettings.tsx'
import { Composer } from './Composer.tsx'
import { chatModels, chooseModel } from './model-choice.ts'
import { Thread } from './Thread.tsx'

export function ChatPage({ rest }: TabProps) {
  const { chat } = usePage()
  const [isSetting, setSetting] = useState(false)
  const listed = useQuery(queries.public)
  const { model: last, turns } = useStore(chat.conversation)
  const models = chatModels(listed.data ?? [])
  const model = chooseModel(models, { asked: rest, last })
  useEffect(() => {
    if (listed.data && model !== null && model !== last) chat.choose({ model })
  }, [chat, listed.data, model, last])
  // A wish in the address counts once; what is picked afterwards must not be overruled by it.
  useEffect(() => {
    if (rest !== '' && model === rest && last === rest) history.replaceState(null, '', hashOf('chat'))
  }, [rest, model, last])

  return (
    <>
      <div className="flex items-center gap-1 border-b border-line bg-panel px-2 py-1.5 md:px-6">
        <h1 className="sr-only">{strings.chat.title}</h1>
        <ModelPicker models={models} model={model} isReading={listed.isPending} />
        <IconButton icon="sliders" label={strings.chat.settings} onClick={() => setSetting(true)} />
        <IconButton
          icon="plus"
          label={strings.chat.newChat}
          disabled={turns.length === 0}
          onClick={() => chat.clear()}
        />
      </div>
      <div className="flex min-h-0 flex-1 flex-col">
        {listed.isPending ? (
          <div className="mx-auto w-full max-w-3xl p-4">
            <Skeletons rows={3} />
          </div>
        ) : listed.isError ? (
          <div className="mx-auto w-full max-w-3xl p-4">
            <ReadFailure what={strings.models.title} error={listed.error} onRetry={() => void listed.refetch()} />
          </div>
        ) : model === null ? (
          <NoModels />
        ) : (
          <Thread model={models.find((candidate) => candidate.id === model)} />
        )}
      </div>
      <Composer canAsk={model !== null} />
      {isSetting && <ChatSettings onClose={() => setSetting(false)} />}
    </>
  )
}

function ModelPicker({
  models,
  model,
  isReading,
}: {
  models: readonly PublicModel[]
  model: string | null
  isReading: boolean
}) {
  const { chat, route } = usePage()
  const stateOf = (candidate: PublicModel) => {
    const state = candidate.hearth?.state
    if (!state || state === 'external') return candidate.owned_by
    return state === 'ready' ? strings.chat.state.ready : strings.chat.state.other
  }
  return (
    <label className="flex min-w-0 flex-1 items-center gap-2">
      <span className="px-2 text-sm text-soft max-sm:sr-only">{strings.chat.model}</span>
      <select
        value={model ?? ''}
        disabled={isReading || models.length === 0}
        onChange={(event) => {
          if (route.get().rest !== '') location.hash = hashOf('chat')
          chat.choose({ model: event.target.value })
        }}
        className="touch min-w-0 flex-1 truncate rounded-md border border-edge bg-raised px-3 text-base sm:max-w-md"
      >
        {models.length === 0 && <option value="">{isReading ? '…' : strings.chat.noModelsTitle}</option>}
        {models.map((candidate) => (
          <option key={candidate.id} value={candidate.id}>
            {candidate.id} · {stateOf(candidate)}
          </option>
        ))}
      </select>
    </label>
  )
}

function NoModels() {
  const session = useSession()
  return (
    <div className="mx-auto flex w-full max-w-2xl flex-1 flex-col justify-center p-4">
      <EmptyState
        title={strings.chat.noModelsTitle}
        action={
          may(session, 'monitor') && (
            <a
              href={hashOf('models')}
              className="touch inline-flex items-center rounded-md bg-ember px-4 font-medium text-on-ember"
            >
              {strings.chat.toModels}
            </a>
          )
        }
      >
        {strings.chat.noModelsBody}
      </EmptyState>
    </div>
  )
}
