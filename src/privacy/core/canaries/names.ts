import type { EntityType } from '../words.ts'
import type { Canary } from './canary.ts'
import { madeUpWord } from './identifiers.ts'
import type { Random } from './random.ts'

export const canaryLocales = ['de', 'en', 'fr', 'es', 'pl', 'tr'] as const
export type CanaryLocale = (typeof canaryLocales)[number]

/** Usual first names; the family names are made up, with an ending of the language, so that nobody is meant. */
const people: Readonly<Record<CanaryLocale, { readonly first: readonly string[]; readonly ends: readonly string[] }>> =
  {
    de: { first: ['Jürgen', 'Käthe', 'Anke', 'Detlef'], ends: ['mann', 'bauer', 'häuser'] },
    en: { first: ['Oliver', 'Maeve', 'Graham', 'Imogen'], ends: ['worth', 'ington', 'shaw'] },
    fr: { first: ['Hélène', 'Rémi', 'Aurélie', 'Gaël'], ends: ['eau', 'ière', 'gnon'] },
    es: { first: ['Íñigo', 'Begoña', 'Ximena', 'Joaquín'], ends: ['ez', 'ñero', 'uña'] },
    pl: { first: ['Łukasz', 'Agnieszka', 'Zdzisław', 'Małgorzata'], ends: ['owski', 'czyk', 'ińska'] },
    tr: { first: ['Ayşe', 'Çağla', 'Oğuz', 'Gülşen'], ends: ['oğlu', 'demir', 'gül'] },
  }

const places: readonly string[] = [
  'Tell … about it.',
  'Sag … Bescheid.',
  'Dites à … de venir.',
  'Habla con … hoy.',
  '…',
]

/** Somebody whom the house would know by name. */
export function nameCanary(random: Random, locale: CanaryLocale): Canary {
  const { first, ends } = people[locale]
  const family = `${capital(madeUpWord(random, 2))}${random.pick(ends)}`
  const [before = '', after = ''] = random.pick(places).split('…')
  return {
    kind: `name.${locale}`,
    type: 'PERSON',
    value: `${random.pick(first)} ${family}`,
    before,
    after,
    isName: true,
  }
}

/** Somebody or something that the lists of the house really hold. */
export function knownCanary(random: Random, entry: { readonly value: string; readonly type: EntityType }): Canary {
  const [before = '', after = ''] = random.pick(places).split('…')
  return { kind: 'directory', ...entry, before, after, isName: true }
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
