import { memo } from 'react'
import type { Waiting } from '../../api/types.ts'
import { usePage } from '../../app/page-state.ts'
import { Button } from '../../design/Button.tsx'
import { CopyButton } from '../../design/CopyButton.tsx'
import { Notice } from '../../design/Notice.tsx'
import { strings } from '../../strings.ts'
import { duration, number } from '../../text/format.ts'
import { type Answer, tokensPerSecond } from './conversation.ts'
import { Markdown } from './Markdown.tsx'

export const AnswerView = memo(function AnswerView({ answer, isLast }: { answer: Answer; isLast: boolean }) {
  const { kind } = answer.state
  const isRunning = kind === 'waiting' || kind === 'streaming'
  return (
    <li className="min-w-0">
      <h2 className="mb-1.5 font-mono text-xs text-soft">{answer.model}</h2>
      {answer.reasoning !== '' && <Reasoning answer={answer} />}
      {answer.content !== '' && <Markdown text={answer.content} />}
      {answer.state.kind === 'waiting' && <WaitingLine waiting={answer.state.waiting} />}
      {kind === 'streaming' && answer.content === '' && answer.reasoning === '' && <WaitingLine waiting={null} />}
      {!isRunning && <EndingNote answer={answer} isLast={isLast} />}
      {!isRunning && <Figures answer={answer} />}
    </li>
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
    <p role="status" className="flex items-center gap-2.5 py-1 text-soft">
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
    <Button icon="refresh" onClick={() => chat.again()}>
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
      return answer.content === '' ? { tone: 'calm', text: strings.chat.emptyAnswer } : null
  }
}

function Figures({ answer }: { answer: Answer }) {
  const { usage, firstWordMs, totalMs } = answer
  const rate = tokensPerSecond(answer)
  const figures = [
    usage?.completionTokens == null ? strings.chat.tokensUnknown : strings.chat.tokens(number(usage.completionTokens)),
    usage?.promptTokens == null ? null : strings.chat.promptTokens(number(usage.promptTokens)),
    firstWordMs === null ? null : strings.chat.firstWord(duration(firstWordMs)),
    rate === null ? null : strings.chat.perSecond(number(Math.round(rate))),
    totalMs === null ? null : strings.chat.total(duration(totalMs)),
  ].filter((figure) => figure !== null)
  if (answer.content === '') return null
  return (
    <div className="mt-1.5 flex flex-wrap items-center justify-between gap-x-4 text-sm text-soft">
      <p className="flex flex-wrap gap-x-1.5">
        {figures.map((figure, place) => (
          <span key={figure} className="whitespace-nowrap">
            {figure}
            {place < figures.length - 1 && ' ·'}
          </span>
        ))}
      </p>
      <CopyButton text={answer.content} label={strings.chat.copyAnswer} look="quiet" className="-mr-3 ml-auto" />
    </div>
  )
}
