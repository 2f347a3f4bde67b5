import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { api, isSignedOut, isUnreachable } from '../api/client.ts'
import type { Scope, Session } from '../api/types.ts'
import { createStore, type Store } from './store.ts'

/** Why nobody is signed in, for the words on the door. */
export type SignedOutWhy = 'never' | 'expired' | 'signedOut' | 'ticketUsed'

/** A link of an administrator: for choosing a new password, or for making an account. */
export interface AccountLink {
  readonly kind: 'password' | 'invitation'
  readonly token: string
}

interface NamedPassword {
  readonly username: string
  readonly password: string
}

/** For people who have a name and a password, or a link to get one. */
interface AccountDesk {
  signInAs(person: NamedPassword): Promise<void>
  /** What was opened and not used yet; the door shows it, whoever is signed in. */
  readonly link: Store<AccountLink | null>
  offerLink(link: AccountLink): void
  /** Spends the offered link and signs in as its person; an unused one stays when it is refused. */
  useLink(person: NamedPassword): Promise<void>
}

export interface SessionDesk extends AccountDesk {
  /** null = nobody is signed in. */
  readonly query: ReturnType<typeof sessionQuery>
  readonly why: Store<SignedOutWhy>
  /** A one-time link was opened: it is used by the next reading of the session, once. */
  offerTicket(ticket: string): void
  signIn(key: string): Promise<void>
  signOut(): Promise<void>
  /** The server said 401 to something: if somebody was signed in, their session ended. */
  noteEnd(): void
}

export function createSessionDesk(client: () => QueryClient): SessionDesk {
  const why = createStore<SignedOutWhy>('never')
  let ticket: string | null = null

  async function spendTicket(): Promise<void> {
    const offered = ticket
    ticket = null
    if (offered === null) return
    try {
      await api('/api/sessions', { method: 'POST', body: { ticket: offered } })
    } catch (thrown) {
      if (isUnreachable(thrown)) {
        ticket = offered
        throw thrown
      }
      why.set('ticketUsed')
    }
  }

  async function read(signal: AbortSignal): Promise<Session | null> {
    await spendTicket()
    try {
      return await api<Session>('/api/session', { signal })
    } catch (thrown) {
      if (!isSignedOut(thrown)) throw thrown
      // This reading may be the first to hear of the end: then nobody else will say why.
      if (isSomebodyIn()) why.set('expired')
      return null
    }
  }

  const query = sessionQuery(read)
  const isSomebodyIn = () => Boolean(client().getQueryData<Session | null>(query.queryKey))

  /** An answer that is still on its way was given before the end: it must not open the door again. */
  function leave(because: SignedOutWhy): void {
    why.set(because)
    void client().cancelQueries({ queryKey: query.queryKey }, { revert: false, silent: true })
    client().setQueryData(query.queryKey, null)
  }

  const enter = async (body: NamedPassword | { readonly key: string }): Promise<void> => {
    await api('/api/sessions', { method: 'POST', body })
    why.set('never')
    await client().invalidateQueries({ queryKey: query.queryKey })
  }

  return {
    query,
    why,
    ...createAccountDesk(enter),
    offerTicket(offered) {
      ticket = offered
      void client().invalidateQueries({ queryKey: query.queryKey })
    },
    signIn: (key) => enter({ key }),
    async signOut() {
      await api('/api/session', { method: 'DELETE' }).catch((thrown: unknown) => {
        if (!isSignedOut(thrown)) throw thrown
      })
      leave('signedOut')
      client().removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== query.queryKey[0] })
    },
    noteEnd() {
      if (isSomebodyIn()) leave('expired')
    },
  }
}

function createAccountDesk(enter: AccountDesk['signInAs']): AccountDesk {
  const link = createStore<AccountLink | null>(null)

  async function signInAs(person: NamedPassword): Promise<void> {
    await enter(person)
    link.set(null)
  }

  async function spendLink({ kind, token }: AccountLink, { username, password }: NamedPassword): Promise<string> {
    if (kind === 'invitation') {
      await api('/auth/register', { method: 'POST', body: { username, password, invitation: token } })
      return username
    }
    const body = { token, password }
    return (await api<{ username: string }>('/auth/password/reset', { method: 'POST', body })).username
  }

  return {
    link,
    signInAs,
    offerLink: (offered) => link.set(offered),
    async useLink(person) {
      const offered = link.get()
      if (offered === null) return
      await signInAs({ username: await spendLink(offered, person), password: person.password })
    },
  }
}

function sessionQuery(read: (signal: AbortSignal) => Promise<Session | null>) {
  return queryOptions({ queryKey: ['session'], queryFn: ({ signal }) => read(signal) })
}

/** `admin` implies every other scope. */
export function may(session: Session, scope: Scope): boolean {
  return session.scopes.includes(scope) || session.scopes.includes('admin')
}
