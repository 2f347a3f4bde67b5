import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { isUnreachable } from '../api/client.ts'
import { HearthMark } from '../design/Icon.tsx'
import { strings } from '../strings.ts'
import { Crash } from './Crash.tsx'
import { OfflinePage } from './OfflinePage.tsx'
import { may } from './session.ts'
import { SessionContext, usePage } from './page-state.ts'
import { Shell } from './Shell.tsx'
import { SignIn } from './SignIn.tsx'
import { useStore } from './store.ts'

const retryPauseMs = 2_000

/** The door: who is signed in sees the shell, who is not sees the sign-in, and who reaches nobody is told so. */
export function App() {
  const page = usePage()
  // A link that was opened comes first, whoever is signed in.
  const link = useStore(page.session.link)
  const session = useQuery({
    ...page.session.query,
    // While nobody answers there are no events to wait for: this one question is asked again until somebody does.
    refetchInterval: (query) => (query.state.status === 'error' ? retryPauseMs : false),
  })
  const canWatch = session.data ? may(session.data, 'monitor') : false
  useEffect(() => {
    if (!canWatch) return
    page.live.start()
    return () => page.live.stop()
  }, [page, canWatch])

  if (session.data && link === null) {
    return (
      <Crash>
        <SessionContext value={session.data}>
          <Shell />
        </SessionContext>
      </Crash>
    )
  }
  if (session.data === null || link !== null) return <SignIn />
  if (session.isError || isUnreachable(session.failureReason))
    return <OfflinePage error={session.error ?? session.failureReason} />
  return <Opening />
}

/** Nearly always too short to be seen; if not, it says what it waits for. */
function Opening() {
  const [isSlow, setSlow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 1_500)
    return () => clearTimeout(timer)
  }, [])
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center gap-4">
      <span className="breathe">
        <HearthMark size={56} />
      </span>
      <p role="status" className="text-soft">
        {isSlow ? strings.offline.slow : ''}
      </p>
    </main>
  )
}
