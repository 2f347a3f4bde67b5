/** What a model sees of a scrubbed prompt, and what models make of it. Knows the look of placeholders, nothing else. */
export interface SeenPlaceholder {
  /** `[PERSON_7KQ2_L]` */
  readonly whole: string
  readonly label: string
  /** `7KQ2` or `7KQ2_L` */
  readonly tag: string
}

const tagLetters = '0-9BCDFGHJKMNPQRSTVWXYZ'
const looks = new RegExp(`\\[([A-Z][A-Z_]*)_([${tagLetters}]{4}(?:_[A-Z0-9]{1,3})?)\\]`, 'g')

/** Each once, in the order in which they stand there. */
export function placeholdersIn(text: string): readonly SeenPlaceholder[] {
  const seen = new Map<string, SeenPlaceholder>()
  for (const [whole, label = '', tag = ''] of text.matchAll(looks)) seen.set(whole, { whole, label, tag })
  return [...seen.values()]
}

const translated: Readonly<Record<string, string>> = {
  EMAIL: 'COURRIEL',
  PERSON: 'PERSONNE',
  PHONE: 'TELEFON',
  IBAN: 'KONTO',
  CARD: 'TARJETA',
}

/** How models write what they should have copied. Each line of an answer begins with one of these names. */
export const rewritings: Readonly<Record<string, (seen: SeenPlaceholder) => string>> = {
  copied: ({ whole }) => whole,
  lowered: ({ whole }) => whole.toLowerCase(),
  escaped: ({ label, tag }) => `[${`${label}_${tag}`.replaceAll('_', '\\_')}]`,
  backslashed: ({ label, tag }) => `\\[${label}_${tag}\\]`,
  translated: ({ label, tag }) => `[${translated[label] ?? 'VALEUR'}_${tag}]`,
  numbered: ({ label, tag }) => `&#91;${label}_${tag}&#93;`,
  bare: ({ label, tag }) => `${label}_${tag}`,
  possessive: ({ whole }) => `${whole}'s`,
  bold: ({ whole }) => `**${whole}**`,
  percent: ({ label, tag }) => `%5B${label}_${tag}%5D`,
  angled: ({ label, tag }) => `<${label}_${tag}>`,
  doubled: ({ whole }) => `[${whole}]`,
  blank: ({ label, tag }) => `[${label} ${tag}]`,
}

/** What a rewriting leaves around the value when it is put back. */
export const around: Readonly<Record<string, readonly [string, string]>> = {
  // A second pair is the text's: nobody can tell it from that of a log or a list.
  doubled: ['[', ']'],
  possessive: ['', "'s"],
  bold: ['**', '**'],
}

/** A line for each way of writing each placeholder: `lowered: [email_7kq2] was told.` */
export function rephrased(seen: readonly SeenPlaceholder[]): string {
  const lines = Object.entries(rewritings).flatMap(([name, write]) =>
    seen.map((each) => `${name}: ${write(each)} was told.`),
  )
  return lines.length === 0 ? 'There is nothing to say otherwise.' : lines.join('\n')
}
