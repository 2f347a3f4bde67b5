import type { WorldProvider } from '../../api/catalogue.ts'
import { CopyButton } from '../../design/CopyButton.tsx'
import { strings } from '../../strings.ts'
import type { ConfigEntry } from './config-entry.ts'

const words = strings.catalogue.setup

interface SetupViewProps {
  entry: ConfigEntry
  provider: WorldProvider
  /** The name that one model then has. */
  called?: string
}

/** What to write into hearth.yaml, to be copied, and what belongs to it. */
export function SetupView({ entry, provider, called }: SetupViewProps) {
  const { kind, yaml, variable, hasOwnAddress } = entry
  const where = kind === 'key' ? words.key(provider.keyless.join(', ') || provider.id) : words[kind]
  return (
    <div className="flex flex-col gap-2">
      <p className="text-sm">{where}</p>
      <div className="flex items-start gap-x-2 rounded-md border border-line bg-sunken p-1 pl-4 max-sm:flex-col max-sm:pr-4">
        <pre tabIndex={0} className="w-full min-w-0 flex-1 overflow-x-auto py-2.5 font-mono text-sm whitespace-pre">
          {yaml}
        </pre>
        <CopyButton text={`${yaml}\n`} name={words.copy} look="quiet" className="max-sm:-ml-4" />
      </div>
      <p className="text-sm text-soft">
        {[
          ...(hasOwnAddress ? [words.address] : []),
          ...(variable === null ? [] : [words.variable(variable)]),
          ...(called === undefined ? [] : [words.called(called)]),
        ].join(' ')}
      </p>
    </div>
  )
}
