import { Icon, type IconName } from '../design/Icon.tsx'
import { strings } from '../strings.ts'
import { usePage } from './page-state.ts'
import { useStore } from './store.ts'
import { themeChoices, type ThemeChoice } from './theme.ts'

const icons: Readonly<Record<ThemeChoice, IconName>> = { system: 'screen', light: 'sun', dark: 'moon' }

export function ThemeSwitch() {
  const { theme } = usePage()
  const chosen = useStore(theme)
  return (
    <div role="group" aria-label={strings.theme.label} className="flex gap-1 rounded-md bg-sunken p-1">
      {themeChoices.map((choice) => (
        <button
          key={choice}
          type="button"
          aria-pressed={choice === chosen}
          aria-label={strings.theme[choice]}
          title={strings.theme[choice]}
          onClick={() => theme.set(choice)}
          className="touch flex flex-1 items-center justify-center rounded-sm text-soft hover:text-ink
            aria-pressed:bg-raised
            aria-pressed:text-ink aria-pressed:shadow-lift"
        >
          <Icon name={icons[choice]} size={18} />
        </button>
      ))}
    </div>
  )
}
