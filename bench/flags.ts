/** What stands after `npm run bench --`. */
export interface Flags {
  readonly names: readonly string[]
  readonly isQuick: boolean
  /** `--seconds`, or `--minutes` in seconds. */
  readonly seconds: number | null
  readonly requests: number | null
  readonly trials: number | null
  readonly seed: number | null
}

const numbers = ['seconds', 'minutes', 'requests', 'trials', 'seed'] as const

/** Throws for what it does not know. */
export function readFlags(words: readonly string[]): Flags {
  const given = new Map<string, number>()
  const names: string[] = []
  let isQuick = false
  for (const word of words) {
    const [, name = '', value] = /^--([a-z]+)(?:=(\d+))?$/.exec(word) ?? []
    if (!word.startsWith('--')) names.push(word)
    else if (word === '--quick') isQuick = true
    else if (value !== undefined && numbers.some((known) => known === name)) given.set(name, Number(value))
    else throw new Error(`${word} is no setting: --quick, ${numbers.map((known) => `--${known}=N`).join(', ')}`)
  }
  const minutes = given.get('minutes')
  return {
    names,
    isQuick,
    seconds: given.get('seconds') ?? (minutes === undefined ? null : minutes * 60),
    requests: given.get('requests') ?? null,
    trials: given.get('trials') ?? null,
    seed: given.get('seed') ?? null,
  }
}
