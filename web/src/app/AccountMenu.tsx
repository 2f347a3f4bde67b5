import { useMutation, useQuery } from '@tanstack/react-query'
import { useId } from 'react'
import { queries } from '../api/queries.ts'
import { Button } from '../design/Button.tsx'
import { Icon } from '../design/Icon.tsx'
import { strings } from '../strings.ts'
import { usePage, useSession } from './page-state.ts'
import { may } from './session.ts'
import { ThemeSwitch } from './ThemeSwitch.tsx'

/**
 * Who is signed in, what they may do, and the way out. A popover of the browser: Escape and a click beside it close
 * it.
 */
export function AccountMenu() {
  const page = usePage()
  const session = useSession()
  const id = useId()
  const status = useQuery({ ...queries.status, enabled: may(session, 'monitor') })
  // The next person at this screen does not read this one's conversation.
  const signOut = useMutation({ mutationFn: () => page.session.signOut(), onSuccess: () => page.chat.clear() })
  return (
    <>
      <button
        type="button"
        popoverTarget={id}
        aria-label={strings.account.signedInAs(session.name)}
        className="touch flex items-center gap-2.5 rounded-md px-2 text-left text-sm hover:bg-sunken"
      >
        <span className="flex size-8 shrink-0 items-center justify-center rounded-full bg-sunken">
          <Icon name="person" size={18} />
        </span>
        <span className="min-w-0 flex-1 truncate max-md:hidden">{session.name}</span>
      </button>
      <div
        id={id}
        popover="auto"
        className="inset-auto top-14 right-2 w-72 rounded-lg border border-line bg-raised p-4 text-ink shadow-lift
          md:top-auto md:right-auto md:bottom-4 md:left-62"
      >
        <h2 className="font-semibold">{session.name}</h2>
        <dl className="mt-2 grid grid-cols-[auto_1fr] gap-x-3 gap-y-1 text-sm">
          <dt className="text-soft">{strings.account.keyId}</dt>
          <dd className="font-mono">{session.key}</dd>
          <dt className="text-soft">{strings.account.may}</dt>
          <dd>{session.scopes.map((scope) => strings.scopes[scope].name).join(', ')}</dd>
        </dl>
        <div className="mt-3 md:hidden">
          <ThemeSwitch />
        </div>
        <Button className="mt-4 w-full" onClick={() => signOut.mutate()} isBusy={signOut.isPending}>
          {strings.account.signOut}
        </Button>
        <p className="mt-2 text-sm text-soft">{strings.account.signOutEverywhere}</p>
        {status.data && <p className="mt-2 text-sm text-soft">{strings.account.version(status.data.version)}</p>}
      </div>
    </>
  )
}
