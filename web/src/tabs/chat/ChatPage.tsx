import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { queries } from '../../api/queries.ts'
import type { PublicModel } from '../../api/types.ts'
import { usePage, useSession } from '../../app/page-state.ts'
import { hashOf } from '../../app/route.ts'
import { may } from '../../app/session.ts'
import { useStore } from '../../app/store.ts'
import { Button } from '../../design/Button.tsx'
import { EmptyState, Notice, ReadFailure, Skeletons } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import type { TabProps } from '../tab.ts'
import { ChatBar } from './ChatBar.tsx'
import { ChatSettings } from './ChatSettings.tsx'
import { Composer } from './Composer.tsx'
import { chatModels, chooseModel } from './model-choice.ts'
import { Thread } from './Thread.tsx'

const words = strings.chat

export function ChatPage({ rest }: TabProps) {
  const { chat } = usePage()
  const [isSetting, setSetting] = useState(false)
  const listed = useQuery(queries.public)
  const { model: last, rival } = useStore(chat.conversation)
  const models = chatModels(listed.data ?? [])
  const model = chooseModel(models, { asked: rest, last })
  useEffect(() => {
    if (listed.data && model !== null && model !== last) chat.choose({ model })
  }, [chat, listed.data, model, last])
  // A wish in the address counts once; what is picked afterwards must not be overruled by it.
  useEffect(() => {
    if (rest !== '' && model === rest && last === rest) history.replaceState(null, '', hashOf('chat'))
  }, [rest, model, last])
  const named = (id: string | null): PublicModel | undefined => models.find((candidate) => candidate.id === id)

  return (
    <>
      <h1 className="sr-only">{words.title}</h1>
      <ChatBar models={models} model={model} isReading={listed.isPending} onSettings={() => setSetting(true)} />
      <div className="flex min-h-0 flex-1 flex-col">
        <UndoNotice />
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
          <Thread model={named(model)} />
        )}
      </div>
      <Composer model={named(model)} rival={named(rival)} />
      {isSetting && <ChatSettings onClose={() => setSetting(false)} />}
    </>
  )
}

/** An edit and a new chat take turns away; for a while they can be had back. */
function UndoNotice() {
  const { chat } = usePage()
  const undo = useStore(chat.undo)
  if (!undo || undo.turns.length === 0) return null
  return (
    <div className="mx-auto w-full max-w-3xl px-4 pt-3">
      <Notice
        tone="calm"
        action={
          <Button icon="undo" onClick={() => chat.takeBack()}>
            {words.undo}
          </Button>
        }
      >
        <p role="status">{undo.what === 'edited' ? words.edited : words.cleared}</p>
      </Notice>
    </div>
  )
}

function NoModels() {
  const session = useSession()
  return (
    <div className="mx-auto flex w-full max-w-2xl flex-1 flex-col justify-center p-4">
      <EmptyState
        title={words.noModelsTitle}
        action={
          may(session, 'monitor') && (
            <a
              href={hashOf('models')}
              className="touch inline-flex items-center rounded-md bg-ember px-4 font-medium text-on-ember"
            >
              {words.toModels}
            </a>
          )
        }
      >
        {words.noModelsBody}
      </EmptyState>
    </div>
  )
}
