import { createStore, type Store } from './store.ts'

export const themeChoices = ['system', 'light', 'dark'] as const
export type ThemeChoice = (typeof themeChoices)[number]

/** `public/theme.js` reads the same name before the first paint. */
const storageName = 'hearth.theme'

/** The reader's choice, kept in this browser and followed by all of its open pages. */
export function followTheme(): Store<ThemeChoice> {
  const systemIsDark = matchMedia('(prefers-color-scheme: dark)')
  const theme = createStore<ThemeChoice>(readChoice())
  const show = () => {
    const choice = theme.get()
    const isDark = choice === 'dark' || (choice === 'system' && systemIsDark.matches)
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light'
    document.querySelector('meta[name="theme-color"]')?.setAttribute('content', isDark ? '#131211' : '#efede8')
  }
  theme.subscribe(() => {
    keepChoice(theme.get())
    show()
  })
  systemIsDark.addEventListener('change', show)
  window.addEventListener('storage', (event) => {
    if (event.key === storageName) theme.set(readChoice())
  })
  show()
  return theme
}

function readChoice(): ThemeChoice {
  try {
    const kept = localStorage.getItem(storageName)
    return themeChoices.find((choice) => choice === kept) ?? 'system'
  } catch {
    return 'system'
  }
}

function keepChoice(choice: ThemeChoice): void {
  try {
    localStorage.setItem(storageName, choice)
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
}
