/** What one check found. `warn` works and may hurt one day; `fail` will not work. */
export interface Finding {
  readonly name: string
  readonly state: 'ok' | 'warn' | 'fail' | 'skip'
  readonly found: string
  /** What to do; null when nothing is to be done. */
  readonly advice: string | null
}

export const ok = (name: string, found: string): Finding => ({ name, state: 'ok', found, advice: null })
export const skip = (name: string, found: string): Finding => ({ name, state: 'skip', found, advice: null })
export const warn = (name: string, found: string, advice: string | null): Finding => ({
  name,
  state: 'warn',
  found,
  advice,
})
export const fail = (name: string, found: string, advice: string | null): Finding => ({
  name,
  state: 'fail',
  found,
  advice,
})
