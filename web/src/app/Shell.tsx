import { Suspense, useEffect, useRef } from 'react'
import { HearthMark } from '../design/Icon.tsx'
import { Icon } from '../design/Icon.tsx'
import { Skeletons } from '../design/Notice.tsx'
import { strings } from '../strings.ts'
import type { Tab } from '../tabs/tab.ts'
import { tabs } from '../tabs/tabs.ts'
import { AccountMenu } from './AccountMenu.tsx'
import { Crash } from './Crash.tsx'
import { LiveBadge, LiveNotices } from './LiveBadge.tsx'
import { usePage, useSession } from './page-state.ts'
import { hashOf } from './route.ts'
import { may } from './session.ts'
import { useStore } from './store.ts'
import { ThemeSwitch } from './ThemeSwitch.tsx'

/** One frame for every tab: a rail at the left on wide screens; a line above and the tabs below on a phone. */
export function Shell() {
  const page = usePage()
  const session = useSession()
  const route = useStore(page.route)
  const seen = tabs.filter((tab) => may(session, tab.scope))
  const tab = seen.find((candidate) => candidate.id === route.tab) ?? seen[0]
  useEffect(() => {
    document.title = tab ? `${tab.label} · ${strings.product}` : strings.product
  }, [tab])
  return (
    <div className="flex min-h-dvh flex-col md:flex-row">
      <a
        href="#content"
        onClick={(event) => {
          event.preventDefault()
          document.getElementById('content')?.focus()
        }}
        className="sr-only rounded-md bg-raised p-3 focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50"
      >
        {strings.skipToContent}
      </a>
      <header
        className="sticky top-0 z-20 flex h-14 items-center gap-3 border-b border-line bg-panel px-4
          md:h-dvh md:w-60 md:shrink-0
          md:flex-col md:items-stretch md:gap-6 md:border-r md:border-b-0 md:px-3 md:py-5"
      >
        <p className="flex flex-1 shrink-0 items-center gap-2.5 font-display whitespace-nowrap text-lg font-semibold md:flex-none md:px-2">
          <HearthMark size={30} />
          {strings.product}
        </p>
        <Tabs seen={seen} current={tab} />
        <div className="flex min-w-0 items-center gap-1 md:mt-auto md:flex-col md:items-stretch md:gap-3">
          <LiveBadge />
          <span className="max-md:hidden">
            <ThemeSwitch />
          </span>
          <AccountMenu />
        </div>
      </header>
      <main
        id="content"
        tabIndex={-1}
        className={`min-w-0 outline-none max-md:pb-[calc(4.25rem+env(safe-area-inset-bottom))] ${
          tab?.fillsWindow ? 'flex h-[calc(100dvh-3.5rem)] flex-none flex-col md:h-dvh md:flex-1' : 'flex-1'
        }`}
      >
        <LiveNotices />
        {tab && (
          <Crash key={tab.id}>
            <Suspense fallback={<TabSkeleton />}>
              <tab.Page rest={route.tab === tab.id ? route.rest : ''} />
            </Suspense>
          </Crash>
        )}
      </main>
    </div>
  )
}

function Tabs({ seen, current }: { seen: readonly Tab[]; current: Tab | undefined }) {
  const shown = useRef<HTMLUListElement>(null)
  // On a phone there are more than fit beside each other.
  useEffect(() => {
    const link = shown.current?.querySelector('[aria-current=page]')
    link?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [current])
  return (
    <nav
      aria-label={strings.tabs.label}
      className="z-20 max-md:fixed max-md:inset-x-0 max-md:bottom-0 max-md:border-t max-md:border-line max-md:bg-panel
        max-md:pb-[env(safe-area-inset-bottom)] hide-while-writing"
    >
      <ul className="flex max-md:overflow-x-auto md:flex-col md:gap-1" ref={shown}>
        {seen.map((tab) => (
          <li key={tab.id} className="flex-1">
            <a
              href={hashOf(tab.id)}
              aria-current={tab === current ? 'page' : undefined}
              className="touch relative flex items-center gap-3 rounded-md px-3 py-2 text-soft hover:text-ink
                max-md:mx-0.5 max-md:my-1 max-md:flex-col
                max-md:justify-center max-md:gap-0.5 max-md:px-0 max-md:text-xs
                max-md:whitespace-nowrap md:hover:bg-sunken
                aria-[current=page]:bg-ember-tint aria-[current=page]:font-semibold aria-[current=page]:text-ink"
            >
              <span className={tab === current ? 'text-ember' : ''}>
                <Icon name={tab.icon} size={22} />
              </span>
              {tab.label}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function TabSkeleton() {
  return (
    <div className="mx-auto w-full max-w-5xl p-4 md:p-10">
      <Skeletons rows={4} />
    </div>
  )
}
