import { memo, useState } from 'react'
import { usePage } from '../../app/page-state.ts'
import { Button } from '../../design/Button.tsx'
import { Notice } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { AnswerView } from './AnswerView.tsx'
import {
  type Answer,
  isRunning,
  openCalls,
  type Question,
  type Round,
  type Summary,
  type ToolResult,
  type Turn,
} from './conversation.ts'
import { Markdown } from './Markdown.tsx'
import { CallForm } from './ToolCalls.tsx'

const words = strings.chat

interface RoundViewProps {
  round: Round
  isLast: boolean
  isPair: boolean
}

/** A question and what was said to it, by one model or by two side by side. Drawn again only when it changed. */
export const RoundView = memo(
  function RoundView({ round, isLast, isPair }: RoundViewProps) {
    return (
      <li className={`flex min-w-0 flex-col gap-6 ${isLast ? '' : 'far-off'}`}>
        {round.head?.role === 'user' && <QuestionView question={round.head} />}
        {round.head?.role === 'summary' && <SummaryView summary={round.head} />}
        {isPair ? (
          <div className="grid gap-6 md:grid-cols-2 md:gap-8">
            <Said said={round.main} isLast={isLast} />
            <div className="min-w-0 max-md:border-t max-md:border-line max-md:pt-6 md:border-l md:border-line md:pl-8">
              <Said said={round.rival} isLast={isLast} />
            </div>
          </div>
        ) : (
          <Said said={round.main} isLast={isLast} />
        )}
      </li>
    )
  },
  (before, after) =>
    before.isLast === after.isLast &&
    before.isPair === after.isPair &&
    before.round.head === after.round.head &&
    isSame(before.round.main, after.round.main) &&
    isSame(before.round.rival, after.round.rival),
)

function isSame<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((entry, place) => entry === other[place])
}

function Said({ said, isLast }: { said: readonly (Answer | ToolResult)[]; isLast: boolean }) {
  const last = said.at(-1)
  const open = isLast && last?.role === 'assistant' && !isRunning(last) ? openCalls(last, said) : []
  if (said.length === 0) return null
  return (
    <div className="flex min-w-0 flex-col gap-4">
      {said.map((turn) =>
        turn.role === 'assistant' ? (
          <AnswerView key={turn.id} answer={turn} isLast={isLast && turn === last} />
        ) : (
          <ResultView key={turn.id} result={turn} />
        ),
      )}
      {open.length > 0 && last?.role === 'assistant' && <CallForm key={last.id} side={last.side} calls={open} />}
    </div>
  )
}

function ResultView({ result }: { result: ToolResult }) {
  return (
    <div className="rounded-md border border-line bg-panel px-3 py-2 text-sm">
      <p className="text-soft">{words.tools.answered(result.name)}</p>
      <p className="font-mono whitespace-pre-wrap">{result.content}</p>
    </div>
  )
}

function QuestionView({ question }: { question: Question }) {
  const [isEditing, setEditing] = useState(false)
  if (isEditing) return <QuestionForm question={question} onClose={() => setEditing(false)} />
  return (
    <div className="group ml-auto flex max-w-[85%] flex-col items-end">
      <div className="min-w-0 rounded-lg rounded-br-sm bg-slate-tint px-4 py-2.5">
        <h2 className="sr-only">{words.you}</h2>
        {question.images.length > 0 && (
          <ul className="mb-1 flex flex-wrap gap-2">
            {question.images.map((url, place) => (
              <li key={url}>
                <img
                  src={url}
                  alt={words.pictures.alt(String(place + 1))}
                  className="size-40 rounded-md bg-raised object-contain"
                />
              </li>
            ))}
          </ul>
        )}
        <p className="whitespace-pre-wrap">{question.content}</p>
      </div>
      <Button look="quiet" icon="edit" className="-mr-2 text-sm text-soft" onClick={() => setEditing(true)}>
        {words.edit}
      </Button>
    </div>
  )
}

function QuestionForm({ question, onClose }: { question: Question; onClose(): void }) {
  const { chat } = usePage()
  const [text, setText] = useState(question.content)
  const isEmpty = text.trim() === '' && question.images.length === 0
  return (
    <form
      className="flex flex-col gap-2 rounded-lg border border-edge bg-raised p-3"
      onSubmit={(event) => {
        event.preventDefault()
        if (isEmpty) return
        chat.edit(question.id, text.trim())
        onClose()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose()
      }}
    >
      <textarea
        aria-label={words.editLabel}
        // The button that opened it is gone: the writing goes on here.
        autoFocus
        rows={Math.min(10, text.split('\n').length + 1)}
        value={text}
        onChange={(event) => setText(event.target.value)}
        className="touch w-full rounded-md border border-edge bg-raised px-3 py-2 text-base"
      />
      <p className="text-sm text-soft">{words.editEffect}</p>
      <div className="flex flex-wrap justify-end gap-3">
        <Button onClick={onClose}>{strings.cancel}</Button>
        <Button type="submit" look="main" disabled={isEmpty}>
          {words.editSubmit}
        </Button>
      </div>
    </form>
  )
}

function SummaryView({ summary }: { summary: Summary }) {
  const { chat } = usePage()
  return (
    <Notice
      tone="calm"
      action={
        <Button icon="undo" onClick={() => chat.unfold(summary.id)}>
          {words.summary.undo}
        </Button>
      }
    >
      <h2 className="font-semibold">{words.summary.title(summary.replaced.length)}</h2>
      <Markdown text={summary.content} />
      <details className="mt-1">
        <summary className="touch flex items-center gap-1 text-sm text-soft">{words.summary.replaced}</summary>
        <ol className="flex max-h-80 flex-col gap-2 overflow-y-auto text-sm">
          {summary.replaced.map((turn) => (
            <li key={turn.id} className="whitespace-pre-wrap">
              <span className="text-soft">{whoSaid(turn)}: </span>
              {turn.content}
            </li>
          ))}
        </ol>
      </details>
    </Notice>
  )
}

function whoSaid(turn: Turn): string {
  if (turn.role === 'user') return words.you
  return turn.role === 'tool' ? words.tools.answered(turn.name) : turn.model
}
