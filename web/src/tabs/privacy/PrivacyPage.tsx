import { useState } from 'react'
import { useSession } from '../../app/page-state.ts'
import { hashOf } from '../../app/route.ts'
import { may } from '../../app/session.ts'
import { strings } from '../../strings.ts'
import type { TabProps } from '../tab.ts'
import { DeparturesSection } from './DeparturesSection.tsx'
import { LeakTestSection } from './LeakTestSection.tsx'
import { ListsSection } from './ListsSection.tsx'
import { PolicySection } from './PolicySection.tsx'
import { ScopesSection } from './ScopesSection.tsx'
import { StatusSection } from './StatusSection.tsx'
import { emptyTrial, TrySection } from './TrySection.tsx'
import { useLeakTest } from './use-leak-test.ts'

const words = strings.privacy
const sections = ['try', 'policies', 'lists', 'left', 'scopes', 'proof'] as const
type Section = (typeof sections)[number]
const adminsOnly: ReadonlySet<Section> = new Set(['lists', 'proof'])

export function PrivacyPage({ rest }: TabProps) {
  const isAdmin = may(useSession(), 'admin')
  const seen = sections.filter((section) => isAdmin || !adminsOnly.has(section))
  const current = seen.find((section) => section === rest) ?? 'try'
  // What somebody wrote and what runs outlive a look at another part; leaving the tab ends both.
  const [trial, setTrial] = useState(emptyTrial)
  const leakTest = useLeakTest()
  return (
    <div className="mx-auto flex w-full max-w-5xl flex-col gap-6 p-4 md:p-10">
      <div>
        <h1 className="text-2xl font-semibold">{words.title}</h1>
        <p className="max-w-prose text-soft">{words.lead}</p>
      </div>
      <StatusSection />
      <nav aria-label={words.sections.label}>
        <ul className="flex gap-1 rounded-lg bg-sunken p-1 max-sm:grid max-sm:grid-cols-3">
          {seen.map((section) => (
            <li key={section}>
              <a
                href={hashOf('privacy', section)}
                aria-current={section === current ? 'page' : undefined}
                className="touch flex items-center justify-center rounded-md px-2 whitespace-nowrap
                  sm:px-4 text-soft hover:text-ink
                  aria-[current=page]:bg-raised aria-[current=page]:font-semibold aria-[current=page]:text-ink
                  aria-[current=page]:shadow-lift"
              >
                {words.sections[section]}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {current === 'try' && <TrySection trial={trial} onChange={setTrial} />}
      {current === 'policies' && <PolicySection isAdmin={isAdmin} />}
      {current === 'lists' && <ListsSection />}
      {current === 'left' && <DeparturesSection isAdmin={isAdmin} />}
      {current === 'scopes' && <ScopesSection isAdmin={isAdmin} />}
      {current === 'proof' && <LeakTestSection test={leakTest} />}
    </div>
  )
}
