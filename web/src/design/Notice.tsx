import type { ReactNode } from 'react'
import { ApiError } from '../api/client.ts'
import { strings } from '../strings.ts'
import { Button } from './Button.tsx'
import { Icon, type IconName } from './Icon.tsx'

export type NoticeTone = 'calm' | 'watch' | 'failed'

const tones: Readonly<Record<NoticeTone, { look: string; icon: IconName }>> = {
  calm: { look: 'bg-slate-tint text-ink', icon: 'info' },
  watch: { look: 'bg-ochre-tint text-ink', icon: 'alert' },
  failed: { look: 'bg-garnet-tint text-ink', icon: 'alert' },
}

interface NoticeProps {
  tone: NoticeTone
  children: ReactNode
  action?: ReactNode
  /** Said aloud when it appears. */
  isLive?: boolean
}

export function Notice({ tone, children, action, isLive = false }: NoticeProps) {
  const { look, icon } = tones[tone]
  return (
    <div className={`rise-in flex items-start gap-3 rounded-md px-4 py-3 ${look}`} role={isLive ? 'alert' : undefined}>
      <span className={`mt-0.5 ${tone === 'failed' ? 'text-garnet' : tone === 'watch' ? 'text-ochre' : 'text-slate'}`}>
        <Icon name={icon} />
      </span>
      <div className="flex min-w-0 flex-1 flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div className="min-w-0">{children}</div>
        {action}
      </div>
    </div>
  )
}

/** A failure in the server's words where it has some. */
export function wordsOf(thrown: unknown): string {
  if (!(thrown instanceof ApiError)) return strings.errors.unexpected(0)
  if (thrown.status === 0) return strings.errors.unreachable
  if (thrown.message !== '') return thrown.message
  return thrown.status === 403 ? strings.errors.forbidden : strings.errors.unexpected(thrown.status)
}

/** What stands where a list should be, when it could not be read. */
export function ReadFailure({ what, error, onRetry }: { what: string; error: unknown; onRetry(): void }) {
  return (
    <Notice
      tone="failed"
      action={
        <Button icon="refresh" onClick={onRetry}>
          {strings.retry}
        </Button>
      }
    >
      <p className="font-semibold">{strings.errors.couldNotRead(what)}</p>
      <p className="text-sm">{wordsOf(error)}</p>
    </Notice>
  )
}

export function EmptyState({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-3 rounded-lg border border-dashed border-edge px-6 py-12 text-center">
      <h3 className="text-lg font-semibold">{title}</h3>
      <p className="max-w-prose text-soft">{children}</p>
      {action}
    </div>
  )
}

/** Grey shapes of what is coming; after a while a sentence, because nobody should wait for ever without a word. */
export function Skeletons({ rows, height = 'h-20' }: { rows: number; height?: string }) {
  return (
    <div className="flex flex-col gap-3" aria-hidden="true">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={`skeleton rounded-lg ${height}`} />
      ))}
    </div>
  )
}
