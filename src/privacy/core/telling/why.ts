import type { Span, ViewKind } from '../words.ts'

/** Why a place was taken for what it is, in a sentence. The value itself is not in it. */
export function whyOf({ recogniser, type, score, isValidated, view }: Span): string {
  const isKnown = known[recogniser]
  if (isKnown !== undefined) return `${isKnown}${hidden[view]}.`
  const sure = isValidated ? 'what can be checked of it is right' : `${Math.round(score * 100)} % sure by its form`
  return `The recogniser ${recogniser} knows it as ${type}: ${sure}${hidden[view]}.`
}

const known: Readonly<Record<string, string>> = {
  directory: 'It stands on the list of who and what belongs to this house',
  deny: 'It stands on a list of what must never leave',
  vault: 'It was replaced before in the same scope',
  ner: 'The recogniser of names read it as a name',
  literal: 'It looks like a placeholder, but is none of this scope',
}

const hidden: Readonly<Record<ViewKind, string>> = {
  raw: '',
  folded: ', seen after invisible and look-alike characters were made plain',
  percent: ', seen inside percent encoding',
  html: ', seen inside HTML entities',
  unicode: ', seen inside \\u escapes',
  base64: ', seen inside base64',
  hex: ', seen inside hexadecimal',
  'quoted-printable': ', seen inside quoted-printable',
}
