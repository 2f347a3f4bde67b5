import { strings } from '../../strings.ts'

const words = strings.privacy.proof

/** As the server takes it. */
export const mostCases = 10_000
const mostSeed = 0xffff_ffff

export interface LeakForm {
  readonly cases: string
  readonly seed: string
}

export type LeakProblems = { readonly [Name in keyof LeakForm]?: string }

export function readLeakForm(
  form: LeakForm,
): { readonly problems: LeakProblems } | { readonly ask: { readonly cases: number; readonly seed: number | null } } {
  const cases = wholeNumber(form.cases)
  const seed = form.seed.trim() === '' ? null : wholeNumber(form.seed)
  const hasCases = cases !== null && cases >= 1 && cases <= mostCases
  const hasSeed = form.seed.trim() === '' || (seed !== null && seed <= mostSeed)
  if (hasCases && hasSeed) return { ask: { cases, seed } }
  return {
    problems: {
      ...(hasCases ? {} : { cases: words.casesRange(String(mostCases)) }),
      ...(hasSeed ? {} : { seed: words.seedRange }),
    },
  }
}

function wholeNumber(text: string): number | null {
  return /^\d{1,10}$/.test(text.trim()) ? Number(text) : null
}
