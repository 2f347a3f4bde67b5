import { completeIban, completeLuhn } from '../recognisers/checksums.ts'
import { kindOf, type CanaryKind } from './canary.ts'
import { hexDigits, upperCase, type Random } from './random.ts'

const consonants = 'bdfgklmnprstvz'
const vowels = 'aeiou'

/** A word that is in no dictionary, so that nothing else holds it by chance. */
export function madeUpWord(random: Random, syllables = 3): string {
  let word = ''
  for (let index = 0; index < syllables; index++) word += random.letters(1, consonants) + random.letters(1, vowels)
  return word + random.letters(1, consonants)
}

const between = (random: Random, least: number, most: number): number => least + random.below(most - least + 1)
const twoDigits = (number: number): string => String(number).padStart(2, '0')

function email(random: Random): string {
  const [first, last, house] = [madeUpWord(random, 2), madeUpWord(random), madeUpWord(random)]
  const local = random.pick([`${first}.${last}`, `${first}_${last}`, `${last}${random.digits(2)}`, `${first}+${last}`])
  const domain = random.pick([house, `mail.${house}`, `${house}-group`])
  return `${local}@${domain}.${random.pick(['de', 'com', 'fr', 'co.uk', 'org', 'es'])}`
}

/** Numbers of mobile or town networks that exist, per country. */
const phones: Readonly<Record<string, (random: Random) => string>> = {
  de: (r) => `+49 ${r.pick(['151', '160', '171', '175'])} ${between(r, 1, 9)}${r.digits(7)}`,
  us: (r) => `+1 ${r.pick(['212', '415', '312', '206'])}-${between(r, 22, 49)}${between(r, 2, 9)}-${r.digits(4)}`,
  gb: (r) => `+44 20 7${between(r, 2, 8)}${r.digits(2)} ${r.digits(4)}`,
  fr: (r) => `+33 6 ${[35, 99, 99, 99].map((most) => twoDigits(between(r, 10, most))).join(' ')}`,
  es: (r) => `+34 6${between(r, 1, 5)}${r.digits(1)} ${r.digits(3)} ${r.digits(3)}`,
  it: (r) => `+39 3${r.pick(['47', '48', '20', '33'])} ${between(r, 1, 9)}${r.digits(6)}`,
  at: (r) => `+43 664 ${between(r, 1, 9)}${r.digits(6)}`,
  ch: (r) => `+41 ${r.pick(['76', '78', '79'])} ${between(r, 2, 8)}${r.digits(2)} ${r.digits(2)} ${r.digits(2)}`,
  nl: (r) => `+31 6 ${between(r, 1, 5)}${r.digits(7)}`,
}

function card(random: Random): string {
  const prefix = random.pick(['4', '4539', '51', '55', '2223', '6011', '37'])
  const length = prefix === '37' ? 15 : 16
  const digits = completeLuhn(prefix + random.digits(length - 1 - prefix.length))
  const grouped = length === 15 ? digits.replace(/^(\d{4})(\d{6})/, '$1 $2 ') : digits.replaceAll(/\d{4}(?=\d)/g, '$& ')
  return random.pick([digits, grouped, grouped.replaceAll(' ', '-')])
}

/** The national part of an account's number, per country. */
const accounts: Readonly<Record<string, (random: Random) => string>> = {
  DE: (r) => between(r, 1, 9) + r.digits(17),
  AT: (r) => r.digits(16),
  CH: (r) => r.digits(5) + r.digits(12),
  GB: (r) => r.letters(4, upperCase) + r.digits(14),
  NL: (r) => r.letters(4, upperCase) + r.digits(10),
  FR: (r) => r.digits(23),
  ES: (r) => r.digits(20),
  IT: (r) => r.letters(1, upperCase) + r.digits(22),
}

function iban(random: Random): string {
  const country = random.pick(Object.keys(accounts))
  const compact = completeIban(country, accounts[country]?.(random) ?? '')
  return random.pick([compact, compact.replaceAll(/.{4}(?=.)/g, '$& ')])
}

/** BIP 173: the checksum of a segregated witness address. */
function bech32(random: Random): string {
  const letters = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
  const values = [0, ...Array.from({ length: 32 }, () => random.below(32))]
  // Twenty bytes are 32 letters; the version stands before them.
  const step = (sum: number, value: number): number => {
    const top = sum >>> 25
    const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]
    return generators.reduce(
      (rest, each, bit) => ((top >> bit) & 1 ? rest ^ each : rest),
      ((sum & 0x1ffffff) << 5) ^ value,
    )
  }
  const checksum = [3, 3, 0, 2, 3, ...values, 0, 0, 0, 0, 0, 0].reduce(step, 1) ^ 1
  const check = [5, 4, 3, 2, 1, 0].map((place) => (checksum >>> (5 * place)) & 31)
  return `bc1${[...values, ...check].map((value) => letters.charAt(value)).join('')}`
}

/** ISO 3779 as North America uses it: the ninth character proves the others. */
function vin(random: Random): string {
  const letters = 'ABCDEFGHJKLMNPRSTUVWXYZ0123456789'
  const worth = '12345678123457923456789' + '0123456789'
  const weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]
  const text = `1HG${random.letters(5, letters)}0${random.letters(2, 'ABCDEFGHJKLMNPRSTVWXY')}${random.digits(6)}`
  const value = (letter: string): number => Number(worth.charAt(letters.indexOf(letter)))
  const rest = [...text].reduce((sum, letter, place) => sum + value(letter) * (weights[place] ?? 0), 0) % 11
  return text.slice(0, 8) + (rest === 10 ? 'X' : rest) + text.slice(9)
}

/** A day of somebody's birth with words that say so, in five languages. */
const birthdays: readonly { readonly context: string; readonly write: (d: string, m: string, y: string) => string }[] =
  [
    { context: 'She was born on …, they say.', write: (d, m, y) => `${y}-${m}-${d}` },
    { context: 'Date of birth: …', write: (d, m, y) => `${m}/${d}/${y}` },
    { context: 'Er ist am … geboren.', write: (d, m, y) => `${d}.${m}.${y}` },
    { context: 'Geburtsdatum: …', write: (d, m, y) => `${d}.${m}.${y}` },
    { context: 'Date de naissance : …', write: (d, m, y) => `${d}/${m}/${y}` },
    { context: 'Fecha de nacimiento: …', write: (d, m, y) => `${d}/${m}/${y}` },
    { context: 'Data di nascita: …', write: (d, m, y) => `${d}/${m}/${y}` },
  ]

const birthdate: CanaryKind = {
  kind: 'birthdate',
  type: 'BIRTHDATE',
  make(random) {
    const { context, write } = random.pick(birthdays)
    const [before = '', after = ''] = context.split('…')
    const day = twoDigits(between(random, 1, 28))
    return { value: write(day, twoDigits(between(random, 1, 12)), String(between(random, 1935, 2009))), before, after }
  },
}

const octet = (random: Random): number => between(random, 2, 250)
const hexByte = (random: Random): string => random.letters(2, hexDigits)

function mac(random: Random): string {
  const separator = random.pick([':', '-'])
  return ['3c', ...Array.from({ length: 5 }, () => hexByte(random))].join(separator)
}

export const identifierKinds: readonly CanaryKind[] = [
  kindOf('email', 'EMAIL', email),
  ...Object.entries(phones).map(([country, write]) =>
    kindOf(`phone.${country}`, 'PHONE', write, ['Call … please.', 'Telefon: …', 'Tél. …', 'Teléfono …', 'Telefono: …']),
  ),
  kindOf('card', 'CARD', card, ['Card … please.', 'Karte: …', 'carte …', 'tarjeta …', 'carta …']),
  kindOf('iban', 'IBAN', iban),
  kindOf(
    'bic',
    'BIC',
    (r) => `${r.letters(4, upperCase)}${r.pick(['DE', 'FR', 'GB', 'ES'])}${r.letters(2, upperCase)}XXX`,
    ['BIC: …', 'SWIFT code …'],
  ),
  kindOf('wallet.btc', 'WALLET', bech32, ['Send bitcoin to … now.', 'wallet: …']),
  kindOf('wallet.eth', 'WALLET', (r) => `0x${r.letters(40, hexDigits)}`, [
    'My ethereum wallet is … now.',
    'ETH address: …',
  ]),
  kindOf('vin', 'VEHICLE', vin, ['VIN: …', 'Fahrgestellnummer …']),
  kindOf('imei', 'DEVICE', (r) => completeLuhn(`35${r.digits(12)}`), ['IMEI: …', 'The IMEI is ….']),
  kindOf('ip.private', 'IP', (r) => `10.${octet(r)}.${octet(r)}.${octet(r)}`, ['ssh to … failed', 'IP-Adresse …']),
  kindOf('ip.public', 'IP', (r) => `${r.pick([81, 91, 185, 213])}.${octet(r)}.${octet(r)}.${octet(r)}`, [
    'login from …',
    'IP: …',
  ]),
  kindOf(
    'ip.v6',
    'IP',
    (r) => `2a02:${Array.from({ length: 7 }, () => `${between(r, 1, 9)}${r.letters(3, hexDigits)}`).join(':')}`,
  ),
  kindOf('mac', 'MAC', mac),
  kindOf(
    'host',
    'HOST',
    (r) => `${madeUpWord(r)}-${r.digits(2)}.${r.pick(['internal', 'corp', 'lan', 'local', 'fritz.lan'])}`,
  ),
  kindOf('url', 'URL', (r) => `http://${madeUpWord(r)}.internal:${between(r, 2000, 9000)}/${madeUpWord(r)}`, [
    'See …',
    'Siehe … dort.',
  ]),
  kindOf(
    'coordinates',
    'COORDINATES',
    (r) =>
      `${between(r, 44, 54)}.${r.digits(5)}${between(r, 1, 9)}, ${between(r, 5, 14)}.${r.digits(5)}${between(r, 1, 9)}`,
    ['We meet at ….', 'GPS: …'],
  ),
  birthdate,
  kindOf('path', 'USERNAME', (r) => madeUpWord(r), [
    '/home/…/notes.txt',
    'C:\\Users\\…\\Desktop',
    'ls /Users/…/Library',
  ]),
]
