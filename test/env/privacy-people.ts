/** Whom the tests of privacy speak of. Every value is valid as what it is, and stands nowhere else. */
export interface Planted {
  readonly type: string
  readonly value: string
}

/** Names and hosts that nothing but a list can know. */
export const directory = [
  { type: 'PERSON', value: 'Alice Brenner' },
  { type: 'PERSON', value: 'Robert "Bobby" O\'Quillon' },
  { type: 'PERSON', value: 'Jürgen Weißkopf' },
  { type: 'HOST', value: 'vorratskeller' },
] as const satisfies readonly Planted[]

export const denied = 'Project Nightjar'

export const people = {
  alice: 'Alice Brenner',
  bobby: 'Robert "Bobby" O\'Quillon',
  juergen: 'Jürgen Weißkopf',
  aliceMail: 'alice.brenner@quillonlabs.com',
  bobbyMail: 'bobby+private@marrowfield.org',
  phone: '+49 1512 3456789',
  iban: 'DE89 3704 0044 0532 0130 00',
  card: '5425 2334 3010 9903',
  address: '10.23.45.67',
  mac: '3c:22:fb:9a:7e:41',
  host: 'nas.brenner.lan',
  user: 'abrenner87',
  project: denied,
} as const

/** What must be put back. */
export const values: readonly string[] = Object.values(people)

/** A key that is never put back; not written in one piece, so that no scanner takes it for a real one. */
export const secret = ['sk', 'live', '51Hq8ZxKf2LmNpQrStUvWyAb'].join('_')

/** What a person says in ten turns; each turn names somebody or something. */
export const turns: readonly string[] = [
  `Write to ${people.alice} at ${people.aliceMail}, please.`,
  `She said "call ${people.phone}"; ${people.bobby} wants it too (C:\\temp\\new).`,
  `Her account is ${people.iban}, the card is ${people.card}.`,
  `${people.juergen} runs ${people.host} at ${people.address} (${people.mac}).`,
  'And what was her address again?',
  `Then tell ${people.bobbyMail} about ${people.project}.`,
  `The file is in /home/${people.user}/letters, so ${people.alice}'s copy is safe.`,
  'Who else was there?',
  `Say all that again: ${people.alice}, ${people.aliceMail}, ${people.phone}\n` +
    `and ${people.juergen} – with an emoji 🐦‍⬛.`,
  `Thank you, ${people.alice}.`,
]
