import { useSession } from '../../app/page-state.ts'
import { hashOf } from '../../app/route.ts'
import { may } from '../../app/session.ts'
import { strings } from '../../strings.ts'
import type { TabProps } from '../tab.ts'
import { ModelSection } from './ModelSection.tsx'
import { ProviderSection } from './ProviderSection.tsx'
import { RenewSection } from './RenewSection.tsx'

const words = strings.catalogue
const sections = ['models', 'providers', 'renew'] as const
const modelPrefix = 'model/'

/** `#/catalogue`, `#/catalogue/model/<provider>/<model>`, `#/catalogue/providers`, `#/catalogue/renew`. */
export function CataloguePage({ rest }: TabProps) {
  const isAdmin = may(useSession(), 'admin')
  const seen = sections.filter((section) => isAdmin || section !== 'renew')
  const current = seen.find((section) => section === rest) ?? 'models'
  return (
    <div className="mx-auto flex w-full max-w-6xl flex-col gap-6 p-4 md:p-10">
      <div>
        <h1 className="text-2xl font-semibold">{words.title}</h1>
        <p className="max-w-prose text-soft">{words.lead}</p>
      </div>
      <nav aria-label={words.sections.label}>
        <ul className="flex gap-1 rounded-lg bg-sunken p-1">
          {seen.map((section) => (
            <li key={section} className="max-sm:flex-1">
              <a
                href={hashOf('catalogue', section === 'models' ? '' : section)}
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
      {current === 'models' && (
        <ModelSection opened={rest.startsWith(modelPrefix) ? rest.slice(modelPrefix.length) : null} />
      )}
      {current === 'providers' && <ProviderSection />}
      {current === 'renew' && <RenewSection />}
    </div>
  )
}
