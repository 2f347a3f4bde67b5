import { useEffect, useMemo, useRef, useState } from 'react'
import type { PublicModel } from '../../api/types.ts'
import { usePage } from '../../app/page-state.ts'
import { useStore } from '../../app/store.ts'
import { Button } from '../../design/Button.tsx'
import { HearthMark } from '../../design/Icon.tsx'
import { strings } from '../../strings.ts'
import { number } from '../../text/format.ts'
import { type Answer, isBusy, isRunning, roundsOf, type Turn } from './conversation.ts'
import { RoundView } from './RoundView.tsx'

/** Within this distance of the end the thread follows the answer; further up, somebody is reading. */
const nearEndPx = 80
/** A conversation of a thousand turns is drawn from its end; what is further up comes when it is asked for. */
const roundsShown = 40
const longestAnnounced = 600

export function Thread({ model }: { model: PublicModel | undefined }) {
  const { chat } = usePage()
  const conversation = useStore(chat.conversation)
  const { turns } = conversation
  const frame = useRef<HTMLDivElement>(null)
  const [follows, setFollows] = useState(true)
  const [shown, setShown] = useState(roundsShown)
  const rounds = useMemo(() => roundsOf(turns), [turns])
  const count = turns.length
  const isEmpty = count === 0
  const toEnd = () => frame.current?.scrollTo({ top: frame.current.scrollHeight })
  useEffect(() => {
    if (follows) toEnd()
  }, [turns, follows])
  useEffect(() => setFollows(true), [count])
  useEffect(() => {
    if (isEmpty) setShown(roundsShown)
  }, [isEmpty])

  if (isEmpty) return <EmptyThread model={model} />
  const hidden = Math.max(0, rounds.length - shown)
  const isWide = rounds.some((round) => round.rival.length > 0)
  return (
    <div className="relative min-h-0 flex-1">
      <Announcer turns={turns} />
      <div
        ref={frame}
        className="h-full overflow-y-auto [scrollbar-gutter:stable]"
        tabIndex={0}
        role="log"
        aria-label={strings.chat.thread}
        aria-live="off"
        aria-busy={isBusy(conversation)}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) =>
          setFollows(scrollHeight - scrollTop - clientHeight < nearEndPx)
        }
      >
        <div className={`mx-auto flex flex-col gap-6 px-4 py-6 ${isWide ? 'max-w-6xl' : 'max-w-3xl'}`}>
          {hidden > 0 && (
            <Button className="self-center" onClick={() => setShown(shown + roundsShown)}>
              {strings.chat.earlier(number(hidden))}
            </Button>
          )}
          <ol className="flex flex-col gap-6">
            {rounds.slice(hidden).map((round, place, list) => (
              <RoundView
                key={round.head?.id ?? `before-${place}`}
                round={round}
                isLast={place === list.length - 1}
                isPair={round.rival.length > 0}
              />
            ))}
          </ol>
        </div>
      </div>
      {!follows && (
        <Button icon="chevron" className="absolute bottom-3 left-1/2 -translate-x-1/2 shadow-lift" onClick={toEnd}>
          {strings.chat.toEnd}
        </Button>
      )}
    </div>
  )
}

/**
 * For those who hear the page: that an answer begins, and the answer when it is whole. The stream itself is silent, for
 * a word at a time would drown everything else.
 */
function Announcer({ turns }: { turns: readonly Turn[] }) {
  const last = turns.at(-1)
  const answer: Answer | null = last?.role === 'assistant' ? last : null
  const isOn = answer !== null && isRunning(answer)
  // What was there when the page came is read by whoever wants to; only what ends while it is open is told.
  const [heard, setHeard] = useState<number | null>(null)
  useEffect(() => {
    if (isOn) setHeard(answer.id)
  }, [isOn, answer?.id])
  if (!answer || heard !== answer.id) return <p role="status" className="sr-only" />
  const text = answer.content.slice(0, longestAnnounced)
  return (
    <p role="status" className="sr-only">
      {isOn ? strings.chat.isAnswering(answer.model) : strings.chat.hasAnswered(answer.model, text)}
    </p>
  )
}

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
