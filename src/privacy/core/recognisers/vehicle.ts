import type { Found, Place, Recogniser } from '../words.ts'
import { contextWords, hasContext } from './context.ts'
import { isWhole } from './edges.ts'

const vinWords = contextWords(
  [
    'vin',
    'vehicle identification*',
    'chassis*',
    'fin',
    'fahrgestell*',
    'fahrzeug ident*',
    'fahrzeugident*',
    'chassis number',
  ],
  ['numero de serie', 'bastidor', 'numero de bastidor', 'telaio', 'numero di telaio', 'carte grise', 'car', 'vehicle'],
)

export const vehicles: readonly Recogniser[] = [
  { id: 'vehicle.vin', type: 'VEHICLE', trigger: { kind: 'token', min: 17, max: 17 }, match: matchVin },
  {
    id: 'vehicle.plate',
    type: 'VEHICLE',
    trigger: {
      kind: 'literal',
      literals: ['license plate', 'licence plate', 'number plate', 'registration plate', 'plate number', 'kennzeichen']
        .concat(['immatriculation', 'matricula', 'targa', 'kenteken'])
        .concat(['rejestrac', 'nummernschild']),
    },
    match: matchPlate,
  },
]

/** ISO 3779: no I, O, Q. The ninth character is a check digit in North America; elsewhere a word has to stand near. */
function matchVin({ view, start, end }: Place): Found | null {
  const written = view.text.slice(start, end)
  const canonical = written.toUpperCase()
  if (!/^[A-HJ-NPR-Z0-9]{17}$/.test(canonical)) return null
  const isNamed = hasContext({ view, start, end }, vinWords)
  const isValidated = isVin(canonical)
  // Four digits at the end and at least six letters: what else has seventeen characters rarely looks so.
  const isShaped = /\d{4}$/.test(canonical) && canonical.replace(/\d/g, '').length >= 3 && written === canonical
  if (!isNamed && !(isValidated && isShaped)) return null
  return { start, end, score: isNamed ? 0.95 : 0.85, isValidated, canonical }
}

/** 49 CFR 565: letters as digits, weights, rest of eleven. */
function isVin(vin: string): boolean {
  let sum = 0
  for (let index = 0; index < 17; index++) {
    const character = vin.charAt(index)
    const value = /\d/.test(character)
      ? Number(character)
      : Number('12345678012345070923456789'.charAt(character.charCodeAt(0) - 65))
    sum += value * ([8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2][index] ?? 0)
  }
  const rest = sum % 11
  return vin.charAt(8) === (rest === 10 ? 'X' : String(rest))
}

/** Right behind the word: capitals and digits with blanks or hyphens, both of them in it. */
function matchPlate({ view, start: at, end: behind }: Place): Found | null {
  if (at > 0 && /[\p{L}]/u.test(view.text.charAt(at - 1)) && !view.lower.startsWith('kennz', at)) return null
  const rest = view.text.slice(behind, behind + 48)
  const match =
    /^[\p{L}]{0,12}[\s:=#.'"()]{0,4}(?:(?:is|no|nr|number|ist|lautet|est|es|n°|ist das)[\s:.]{1,3}){0,2}["']?([A-ZÄÖÜ0-9]{1,4}(?:[ -]?[A-Z0-9]{1,4}){1,3})(?![\p{L}\p{N}])/u.exec(
      rest,
    )
  const written = match?.[1]
  if (match === null || written === undefined) return null
  const plain = written.replace(/[ -]/g, '')
  if (plain.length < 4 || plain.length > 10 || !/\d/.test(plain) || !/[A-ZÄÖÜ]/.test(plain)) return null
  const start = behind + match[0].length - written.length
  const end = start + written.length
  return isWhole(view.text, start, end) ? { start, end, score: 0.8, isValidated: false, canonical: plain } : null
}
