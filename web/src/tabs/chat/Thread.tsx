import { memo, useEffect, useRef, useState } from 'react'
import type { PublicModel } from '../../api/types.ts'
import { usePage } from '../../app/page-state.ts'
import { useStore } from '../../app/store.ts'
import { Button } from '../../design/Button.tsx'
import { HearthMark } from '../../design/Icon.tsx'
import { strings } from '../../strings.ts'
import { AnswerView } from './AnswerView.tsx'
import { isBusy, type Question } from './conversation.ts'

/** Within this distance of the end the thread follows the answer; further up, somebody is reading. */
const nearEndPx = 80

export function Thread({ model }: { model: PublicModel | undefined }) {
  const { chat } = usePage()
  const conversation = useStore(chat.conversation)
  const frame = useRef<HTMLDivElement>(null)
  const [follows, setFollows] = useState(true)
  const count = conversation.turns.length
  const toEnd = () => frame.current?.scrollTo({ top: frame.current.scrollHeight })
  useEffect(() => {
    if (follows) toEnd()
  }, [conversation, follows])
  useEffect(() => setFollows(true), [count])

  if (count === 0) return <EmptyThread model={model} />
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={frame}
        className="h-full overflow-y-auto"
        tabIndex={0}
        role="log"
        aria-label={strings.chat.thread}
        aria-busy={isBusy(conversation)}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) =>
          setFollows(scrollHeight - scrollTop - clientHeight < nearEndPx)
        }
      >
        <ol className="mx-auto flex max-w-3xl flex-col gap-6 px-4 py-6">
          {conversation.turns.map((turn, place) =>
            turn.role === 'user' ? (
              <QuestionView key={turn.id} question={turn} />
            ) : (
              <AnswerView key={turn.id} answer={turn} isLast={place === count - 1} />
            ),
          )}
        </ol>
      </div>
      {!follows && (
        <Button icon="chevron" className="absolute bottom-3 left-1/2 -translate-x-1/2 shadow-lift" onClick={toEnd}>
          {strings.chat.toEnd}
        </Button>
      )}
    </div>
  )
}

const QuestionView = memo(function QuestionView({ question }: { question: Question }) {
  return (
    <li className="ml-auto max-w-[85%] rounded-lg rounded-br-sm bg-slate-tint px-4 py-2.5">
      <h2 className="sr-only">{strings.chat.you}</h2>
      <p className="whitespace-pre-wrap">{question.content}</p>
    </li>
  )
})

function EmptyThread({ model }: { model: PublicModel | undefined }) {
  return (
    <div className="flex flex-1 flex-col items-center justify-center gap-3 p-6 text-center">
      <HearthMark size={56} />
      <h2 className="text-xl font-semibold">{strings.chat.emptyTitle}</h2>
      {model && (
        <p className="max-w-prose text-soft">
          {model.owned_by === 'hearth'
            ? strings.chat.emptyBody(model.id)
            : strings.chat.emptyBodyElsewhere(model.id, model.owned_by)}
        </p>
      )}
      {model?.hearth?.label && <p className="rounded-md bg-ochre-tint px-3 py-2 text-sm">{model.hearth.label}</p>}
    </div>
  )
}
