import {
  completeLuhn,
  completeVerhoeff,
  mod1110Digit,
  mod112Character,
  remainder,
  weighted,
} from '../recognisers/checksums.ts'
import { kindOf, type CanaryKind } from './canary.ts'
import { upperCase, type Random } from './random.ts'

const two = (random: Random, least: number, most: number): string =>
  String(least + random.below(most - least + 1)).padStart(2, '0')
const day = (random: Random): string => two(random, 1, 28)
const month = (random: Random): string => two(random, 1, 12)

/** Draws until a number is one that its country gives out. */
function drawn(random: Random, draw: (random: Random) => string | null): string {
  for (;;) {
    const number = draw(random)
    if (number !== null) return number
  }
}

/** One digit stands twice in the first ten, all others at most once; no 0 at the beginning. */
function germanTaxId(random: Random): string {
  const digits = '0123456789'.split('')
  for (let index = digits.length - 1; index > 0; index--) {
    const other = random.below(index + 1)
    const [left = '', right = ''] = [digits[index], digits[other]]
    digits[index] = right
    digits[other] = left
  }
  digits[9] = digits[random.below(7) + 1] ?? '1'
  if (digits[0] === '0') digits.splice(0, 2, digits[1] ?? '1', '0')
  const body = digits.join('')
  return `${body}${mod1110Digit(body)}`
}

const pesel = (random: Random): string => {
  const body = `${two(random, 40, 99)}${month(random)}${day(random)}${random.digits(4)}`
  return `${body}${(10 - (weighted(body, [1, 3, 7, 9]) % 10)) % 10}`
}

const frenchNir = (random: Random): string => {
  const born = `${random.pick(['1', '2'])}${two(random, 40, 99)}${month(random)}`
  const place = `${two(random, 21, 95)}${two(random, 1, 99)}${random.digits(1)}`
  const body = `${born}${place}${two(random, 1, 99)}${random.digits(1)}`
  return `${body}${String(97 - remainder(body, 97)).padStart(2, '0')}`
}

const spanishDni = (random: Random): string => {
  const digits = two(random, 10, 99) + random.digits(6)
  return digits + 'TRWAGMYFPDXBNJZSQVHLCKE'.charAt(Number(digits) % 23)
}

const odd: Readonly<Record<string, number>> = Object.fromEntries(
  [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23].map((worth, place) => [
    upperCase.charAt(place),
    worth,
  ]),
)

/** Decreto 23/12/1976: places count from 1, odd ones by the table, digits as the letters of the same rank. */
const italianCode = (random: Random): string => {
  const consonants = 'BCDFGLMNPRSTVZ'
  const born = `${two(random, 40, 99)}${random.letters(1, 'ABCDEHLMPRST')}${day(random)}`
  const body = `${random.letters(6, consonants)}${born}${random.pick(['H501', 'F205', 'L219'])}`
  const sum = [...body].reduce((total, character, place) => {
    const letter = /\d/.test(character) ? upperCase.charAt(Number(character)) : character
    return total + (place % 2 === 0 ? (odd[letter] ?? 0) : upperCase.indexOf(letter))
  }, 0)
  return body + upperCase.charAt(sum % 26)
}

const bsn = (random: Random): string =>
  drawn(random, (r) => {
    const body = `${1 + r.below(8)}${r.digits(7)}`
    const check = weighted(body, [9, 8, 7, 6, 5, 4, 3, 2]) % 11
    return check === 10 ? null : `${body}${check}`
  })

const nhs = (random: Random): string =>
  drawn(random, (r) => {
    const body = `${4 + r.below(3)}${r.digits(8)}`
    const check = (11 - (weighted(body, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11
    return check === 10 ? null : `${body.slice(0, 3)} ${body.slice(3, 6)} ${body.slice(6)}${check}`
  })

const cpf = (random: Random): string => {
  const body = `${1 + random.below(8)}${random.digits(8)}`
  const check = (digits: string): number => {
    const weights = Array.from(digits, (_, place) => digits.length + 1 - place)
    const rest = weighted(digits, weights) % 11
    return rest < 2 ? 0 : 11 - rest
  }
  const first = check(body)
  const digits = `${body}${first}${check(`${body}${first}`)}`
  return digits.replace(/^(\d{3})(\d{3})(\d{3})/, '$1.$2.$3-')
}

const ahv = (random: Random): string => {
  const body = `756${random.digits(9)}`
  const digits = `${body}${(10 - (weighted(body, [1, 3]) % 10)) % 10}`
  return digits.replace(/^(\d{3})(\d{4})(\d{4})/, '$1.$2.$3.')
}

const swedish = (random: Random): string => {
  const date = `${two(random, 40, 99)}${month(random)}${day(random)}`
  const number = completeLuhn(date + random.digits(3))
  return `${number.slice(0, 6)}-${number.slice(6)}`
}

const chinese = (random: Random): string => {
  const born = `19${two(random, 40, 99)}${month(random)}${day(random)}`
  const body = `${random.pick(['110101', '310104', '440305'])}${born}${random.digits(3)}`
  return body + mod112Character(body)
}

const ssn = (random: Random): string => `${101 + random.below(560)}-${two(random, 10, 99)}-${1000 + random.below(8999)}`

export const nationalKinds: readonly CanaryKind[] = [
  kindOf('id.de.tax', 'TAX_ID', germanTaxId, ['Steuer-ID: …', 'Meine Steueridentifikationsnummer ist ….']),
  kindOf('id.pl', 'NATIONAL_ID', pesel, ['PESEL: …', 'Mój PESEL to ….']),
  kindOf('id.fr', 'NATIONAL_ID', frenchNir, ['Numéro de sécurité sociale : …', 'NIR …']),
  kindOf('id.es', 'NATIONAL_ID', spanishDni, ['DNI: …', 'Mi DNI es ….']),
  kindOf('id.it', 'TAX_ID', italianCode, ['Codice fiscale: …', 'CF …']),
  kindOf('id.nl', 'NATIONAL_ID', bsn, ['BSN: …', 'Burgerservicenummer …']),
  kindOf('id.gb.nhs', 'HEALTH_ID', nhs, ['NHS number: …', 'NHS no. …']),
  kindOf('id.br', 'TAX_ID', cpf, ['CPF: …', 'Meu CPF é ….']),
  kindOf('id.ch', 'NATIONAL_ID', ahv, ['AHV-Nummer: …', 'AHV …']),
  kindOf('id.se', 'NATIONAL_ID', swedish, ['Personnummer: …']),
  kindOf('id.cn', 'NATIONAL_ID', chinese, ['身份证号: …', 'ID card …']),
  kindOf(
    'id.in',
    'NATIONAL_ID',
    (r) => completeVerhoeff(`${2 + r.below(8)}${r.digits(10)}`).replaceAll(/\d{4}(?=\d)/g, '$& '),
    ['Aadhaar: …'],
  ),
  kindOf('id.us', 'NATIONAL_ID', ssn, ['SSN: …', 'Social security number …']),
]
