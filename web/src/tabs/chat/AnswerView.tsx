import { memo } from 'react'
import type { Waiting } from '../../api/types.ts'
import { usePage, useSession } from '../../app/page-state.ts'
import { hashOf } from '../../app/route.ts'
import { may } from '../../app/session.ts'
import { Button } from '../../design/Button.tsx'
import { CopyButton } from '../../design/CopyButton.tsx'
import { Icon } from '../../design/Icon.tsx'
import { Notice } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { duration, number } from '../../text/format.ts'
import { routeToldWords } from '../../text/route-told.ts'
import { type Answer, isRunning, tokensPerSecond } from './conversation.ts'
import { Markdown } from './Markdown.tsx'
import { CallList } from './ToolCalls.tsx'

export const AnswerView = memo(function AnswerView({ answer, isLast }: { answer: Answer; isLast: boolean }) {
  const { kind } = answer.state
  const runs = isRunning(answer)
  const isSilent = answer.content === '' && answer.reasoning === '' && answer.calls.length === 0
  return (
    <section aria-label={answer.model} className="min-w-0">
      <h2 className="mb-1.5 font-mono text-xs text-soft">{answer.model}</h2>
      {answer.reasoning !== '' && <Reasoning answer={answer} />}
      {answer.content !== '' && <Markdown text={answer.content} />}
      {answer.calls.length > 0 && <CallList calls={answer.calls} isRunning={runs} />}
      {answer.state.kind === 'waiting' && <WaitingLine waiting={answer.state.waiting} />}
      {kind === 'streaming' && isSilent && <WaitingLine waiting={null} />}
      {!runs && <EndingNote answer={answer} isLast={isLast} />}
      <Figures answer={answer} isLast={isLast} />
    </section>
  )
})

function Reasoning({ answer }: { answer: Answer }) {
  const isThinking = answer.state.kind === 'streaming' && answer.content === ''
  return (
    <details className="mb-3 rounded-md border border-line bg-panel">
      <summary className="touch flex items-center gap-2 px-3 text-sm text-soft hover:text-ink">
        <span className={`size-2 rounded-full bg-glow ${isThinking ? 'breathe' : ''}`} aria-hidden="true" />
        {isThinking ? strings.chat.reasoning : strings.chat.reasoned}
      </summary>
      <div className="border-t border-line px-3 py-3 text-sm text-soft">
        <Markdown text={answer.reasoning} />
      </div>
    </details>
  )
}

function WaitingLine({ waiting }: { waiting: Waiting | null }) {
  return (
    <p className="flex items-center gap-2.5 py-1 text-soft">
      <span className="embers breathe size-3 rounded-full" aria-hidden="true" />
      {waiting ? waitingWords(waiting) : strings.chat.sending}
    </p>
  )
}

function waitingWords(waiting: Waiting): string {
  const { phase, position, etaSeconds } = waiting
  const words = [phase && phase in strings.models.phase ? strings.models.phase[phase] : strings.models.state.loading]
  if (etaSeconds !== null) words.push(strings.chat.waitingEta(duration(etaSeconds * 1000)))
  if (phase === 'queued' && position !== null) words.push(strings.chat.position(position))
  return strings.chat.waiting(words.join(', '))
}

function EndingNote({ answer, isLast }: { answer: Answer; isLast: boolean }) {
  const { chat } = usePage()
  const words = endingWords(answer)
  if (!words) return null
  const again = isLast && words.tone !== 'calm' && (
    <Button icon="refresh" onClick={() => chat.again(answer.side)}>
      {strings.chat.again}
    </Button>
  )
  return (
    <div className="mt-3">
      <Notice tone={words.tone} isLive={isLast} action={again}>
        {words.text}
      </Notice>
    </div>
  )
}

function endingWords(answer: Answer): { tone: 'calm' | 'watch' | 'failed'; text: string } | null {
  const { state } = answer
  switch (state.kind) {
    case 'waiting':
    case 'streaming':
      return null
    case 'stopped':
      return { tone: 'calm', text: strings.chat.stopped }
    case 'incomplete':
      return { tone: 'watch', text: strings.chat.brokeOff }
    case 'failed':
      return {
        tone: 'failed',
        text: answer.content === '' ? state.message : `${strings.chat.brokeOff} ${state.message}`,
      }
    case 'complete':
      if (state.reason === 'length') return { tone: 'calm', text: strings.chat.cutByLength }
      if (state.reason === 'content_filter') return { tone: 'calm', text: strings.chat.filtered }
      return answer.content === '' && answer.calls.length === 0
        ? { tone: 'calm', text: strings.chat.emptyAnswer }
        : null
  }
}

/** Stands there from the first moment, so that nothing moves when the answer ends. */
function Figures({ answer, isLast }: { answer: Answer; isLast: boolean }) {
  const { chat } = usePage()
  const session = useSession()
  const runs = isRunning(answer)
  if (!runs && answer.content === '' && answer.calls.length === 0 && answer.request === null) return null
  return (
    <div className="mt-1.5 flex min-h-11 flex-wrap items-center justify-between gap-x-4 text-sm text-soft">
      <p className="flex flex-wrap gap-x-1.5 tabular-nums">
        {figuresOf(answer).map((figure, place, figures) => (
          <span key={figure} className="whitespace-nowrap">
            {figure}
            {place < figures.length - 1 && ' ·'}
          </span>
        ))}
      </p>
      {!runs && (
        <div className="-ml-2.5 flex flex-wrap items-center [&_a]:px-2.5 [&_button]:px-2.5">
          {answer.request !== null && may(session, 'monitor') && (
            <a
              href={hashOf('requests', answer.request)}
              className="touch inline-flex items-center gap-2 rounded-md px-3 font-medium text-ink hover:bg-sunken"
            >
              <Icon name="list" size={18} />
              {strings.chat.toRequest}
            </a>
          )}
          {isLast && answer.state.kind === 'complete' && (
            <Button look="quiet" icon="refresh" onClick={() => chat.again(answer.side)}>
              {strings.chat.again}
            </Button>
          )}
          {answer.content !== '' && <CopyButton text={answer.content} name={strings.chat.copyAnswer} look="quiet" />}
        </div>
      )}
    </div>
  )
}

function figuresOf(answer: Answer): readonly string[] {
  const { usage, firstWordMs, totalMs, route } = answer
  const rate = tokensPerSecond(answer)
  const isOver = !isRunning(answer)
  return [
    isOver ? null : strings.chat.answering,
    usage?.completionTokens == null
      ? isOver
        ? strings.chat.tokensUnknown
        : null
      : strings.chat.tokens(number(usage.completionTokens)),
    usage?.promptTokens == null ? null : strings.chat.promptTokens(number(usage.promptTokens)),
    firstWordMs === null ? null : strings.chat.firstWord(duration(firstWordMs)),
    rate === null ? null : strings.chat.perSecond(number(Math.round(rate))),
    totalMs === null ? null : strings.chat.total(duration(totalMs)),
    route === null ? null : strings.chat.route(routeToldWords(route)),
  ].filter((figure) => figure !== null)
}
