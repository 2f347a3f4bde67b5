import { ApiError } from '../api/client.ts'
import { HearthMark } from '../design/Icon.tsx'
import { wordsOf } from '../design/Notice.tsx'
import { strings } from '../strings.ts'

/** Nobody answers, or only with errors. It goes on trying, so there is nothing to press. */
export function OfflinePage({ error }: { error: unknown }) {
  const isSilent = !(error instanceof ApiError) || error.status === 0
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col items-center justify-center gap-4 p-6 text-center">
      <HearthMark size={64} isLit={false} />
      <h1 className="text-xl font-semibold">{strings.offline.title}</h1>
      <p role="status" className="text-soft">
        {isSilent ? strings.offline.body(location.host) : wordsOf(error)}
      </p>
      <p className="text-sm text-soft">
        {strings.offline.hint}{' '}
        <code className="rounded-sm bg-sunken px-1.5 py-0.5 font-mono text-ink">{strings.offline.command}</code>
      </p>
    </main>
  )
}
