import type { AccountLink } from './session.ts'
import { createStore, type Store } from './store.ts'

/**
 * Where in the page somebody is: `#/chat/hearth/smoke` is the tab `chat` at `hearth/smoke`; `#/requests?outcome=failed`
 * is the tab `requests` with a query.
 */
export interface Route {
  readonly tab: string
  readonly rest: string
  /** What stands after the `?`, as it was written. */
  readonly query: string
}

/** The server knows only `/`; places are told after the `#`, which no server log and no referrer ever sees. */
export function parseHash(hash: string): Route {
  const [path = '', ...query] = hash.replace(/^#\/?/, '').split('?')
  const [tab = '', ...rest] = path.split('/')
  return { tab, rest: rest.map(decode).join('/'), query: query.join('?') }
}

/** The one-time ticket of a sign-in link, or null. */
export function ticketIn(hash: string): string | null {
  const match = /^#ticket=([^&]+)/.exec(hash)
  return match ? decode(match[1] ?? '') : null
}

/** An administrator's link for a new password or an account, or null. */
export function linkIn(hash: string): AccountLink | null {
  const match = /^#(password|invitation)=([^&]+)/.exec(hash)
  return match ? { kind: match[1] === 'password' ? 'password' : 'invitation', token: decode(match[2] ?? '') } : null
}

export function hashOf(tab: string, rest = '', query = ''): string {
  const path = rest === '' ? tab : `${tab}/${rest.split('/').map(encodeURIComponent).join('/')}`
  return query === '' ? `#/${path}` : `#/${path}?${query}`
}

interface Takers {
  readonly onTicket: (ticket: string) => void
  readonly onLink: (link: AccountLink) => void
}

/** Follows the address bar. What works once is handed over and leaves the address bar and the history at once. */
export function followRoute({ onTicket, onLink }: Takers): Store<Route> {
  const takeTicket = () => {
    const ticket = ticketIn(location.hash)
    const link = linkIn(location.hash)
    if (ticket === null && link === null) return
    history.replaceState(null, '', location.pathname)
    if (ticket !== null) onTicket(ticket)
    if (link !== null) onLink(link)
  }
  takeTicket()
  const route = createStore(parseHash(location.hash))
  window.addEventListener('hashchange', () => {
    takeTicket()
    route.set(parseHash(location.hash))
  })
  return route
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
