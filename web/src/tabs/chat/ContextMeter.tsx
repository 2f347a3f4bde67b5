import { usePage } from '../../app/page-state.ts'
import { useStore } from '../../app/store.ts'
import { strings } from '../../strings.ts'
import { number } from '../../text/format.ts'
import { contextUse } from './context-meter.ts'
import type { Conversation } from './conversation.ts'
import { olderPart } from './summarising.ts'

const words = strings.chat.context

const bars = { calm: 'bg-edge', watch: 'bg-ochre', over: 'bg-garnet' } as const

interface ContextMeterProps {
  conversation: Conversation
  draft: string
  limit: number | null
}

/** How much of the model's context the next message would fill; near the end it offers to summarise. */
export function ContextMeter({ conversation, draft, limit }: ContextMeterProps) {
  const { chat } = usePage()
  const summarising = useStore(chat.summarising)
  const use = contextUse(conversation, { draft, limit })
  const told = use.isGuess ? words.guess(number(use.tokens)) : number(use.tokens)
  const text = limit === null ? words.unknownLimit(told) : words.of(told, number(limit))
  const offers = use.level !== 'calm' && olderPart(conversation.turns) !== null
  return (
    <div className="mx-auto max-w-3xl px-1 pt-1 text-sm text-soft">
      <div className="flex h-6 items-center gap-3">
        {limit !== null && (
          <span
            role="meter"
            aria-label={words.label}
            aria-valuemin={0}
            aria-valuemax={limit}
            aria-valuenow={Math.min(use.tokens, limit)}
            aria-valuetext={text}
            className="h-1.5 w-20 overflow-hidden rounded-sm bg-sunken"
          >
            <span
              className={`block h-full rounded-sm ${bars[use.level]}`}
              style={{ width: `${Math.min(100, (use.tokens / Math.max(1, limit)) * 100)}%` }}
            />
          </span>
        )}
        <span className="truncate tabular-nums">{text}</span>
      </div>
      {use.level !== 'calm' && (
        <div className="flex flex-wrap items-center justify-between gap-x-4">
          <p role="status" className={use.level === 'over' ? 'text-garnet' : 'text-ochre'}>
            {use.level === 'over' ? words.over : words.watch}
          </p>
          {offers && (
            <button
              type="button"
              disabled={summarising.kind === 'running'}
              onClick={() => void chat.summarise()}
              className="touch -ml-3 rounded-md px-3 font-medium text-ink underline underline-offset-2 hover:bg-sunken
                disabled:no-underline"
            >
              {summarising.kind === 'running' ? strings.chat.summary.running : strings.chat.summary.offer}
            </button>
          )}
        </div>
      )}
      {summarising.kind === 'failed' && (
        <p role="alert" className="text-garnet">
          {strings.chat.summary.failed(summarising.message)}
        </p>
      )}
    </div>
  )
}
