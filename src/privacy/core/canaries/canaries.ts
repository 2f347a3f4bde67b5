import type { Canary } from './canary.ts'
import { identifierKinds } from './identifiers.ts'
import { canaryLocales, nameCanary, type CanaryLocale } from './names.ts'
import { nationalKinds } from './national.ts'
import type { Random } from './random.ts'
import { secretKinds } from './secrets.ts'

const kinds = [...identifierKinds, ...nationalKinds, ...secretKinds]

/**
 * One canary of every kind: valid, found nowhere else, the same for the same seed. Names (`isName`) come last, one for
 * each locale: who wants them found puts them on the lists of the house first.
 */
export function makeCanaries(
  random: Random,
  { locales = canaryLocales }: { readonly locales?: readonly CanaryLocale[] } = {},
): readonly Canary[] {
  const found = kinds.map(({ kind, type, make }) => ({ kind, type, isName: false, ...make(random) }))
  return [...found, ...locales.map((locale) => nameCanary(random, locale))]
}
