import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { createContext, useContext } from 'react'
import { isSignedOut, isUnreachable } from '../api/client.ts'
import type { Session } from '../api/types.ts'
import { ChatStore } from '../tabs/chat/chat-store.ts'
import { createLiveHouse, type LiveHouse } from '../live/house.ts'
import { followRoute, type Route } from './route.ts'
import { createSessionDesk, type SessionDesk } from './session.ts'
import type { Store } from './store.ts'
import { followTheme, type ThemeChoice } from './theme.ts'

/** What lives as long as the page does, whatever tab is shown. */
export interface PageState {
  readonly client: QueryClient
  readonly session: SessionDesk
  readonly live: LiveHouse
  readonly route: Store<Route>
  readonly theme: Store<ThemeChoice>
  readonly chat: ChatStore
}

const mostRetries = 2

export function createPageState(): PageState {
  const onError = (thrown: unknown) => {
    if (isSignedOut(thrown)) session.noteEnd()
  }
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      // `always`: a house without internet is not offline.
      queries: {
        networkMode: 'always',
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        retry: (failures, thrown) => isUnreachable(thrown) && failures < mostRetries,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  })
  const session = createSessionDesk(() => client)
  const live = createLiveHouse(client)
  live.status.subscribe(() => {
    const status = live.status.get()
    if (status.kind === 'refused' && status.status === 401) session.noteEnd()
    // Another page of this browser signed out: the connection they share is gone, and with it perhaps the session.
    if (status.kind === 'off') void client.invalidateQueries({ queryKey: session.query.queryKey })
  })
  const route = followRoute({ onTicket: session.offerTicket, onLink: session.offerLink })
  const chat = new ChatStore({ storage: sessionStore(), onSignedOut: session.noteEnd })
  window.addEventListener('pagehide', () => chat.save())
  return { client, session, live, route, theme: followTheme(), chat }
}

export const PageContext = createContext<PageState | null>(null)
export const SessionContext = createContext<Session | null>(null)

export function usePage(): PageState {
  const page = useContext(PageContext)
  if (!page) throw new Error('A part of the page stands outside of PageContext.')
  return page
}

/** Who is signed in; only inside the shell, where somebody is. */
export function useSession(): Session {
  const session = useContext(SessionContext)
  if (!session) throw new Error('A part of the page that needs a session stands outside of the shell.')
  return session
}

/** Storage may be forbidden; the conversation then lasts as long as the page. */
function sessionStore(): Storage | null {
  try {
    return window.sessionStorage
  } catch {
    return null
  }
}
