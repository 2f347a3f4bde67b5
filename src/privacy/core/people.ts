/**
 * Names of people in one scope. "Alice Brenner", "Ms Brenner", "Alice", "A. Brenner" and "Brenner, Alice" are one
 * person where nobody else of the scope could be meant; where somebody could, a name is a person of its own: nobody is
 * guessed.
 *
 *  1. The same name written the same way, but for case, titles and possessives: the person who has it.
 *  2. A single word after a title: the only person with that surname; else as 3.
 *  3. A single word: the only person who has it as a given name, as a surname, or as all that is known.
 *  4. A whole name: the only person with this surname whose given names can be the same (`A.` can be Alice), or of whom
 *     nothing but one of these words is known.
 *  5. `M. Brenner`: M. as an initial first, then as a title.
 */
export interface PersonName {
  /** In lower case, without titles and possessives, given names first. */
  readonly canonical: string
  /** Words in lower case; an initial is one letter. */
  readonly given: readonly string[]
  /** With its particles: `van beethoven`; null where one word is all there is. */
  readonly surname: string | null
  /** All there is, of which nothing tells whether it is a given name or a surname. */
  readonly word: string | null
  /** The same words where a leading `M.` is a title; null: there is none. */
  readonly untitled: PersonName | null
}

/** What of a person a name is: only the given name, only the surname, or both. */
export type NamePart = 'first' | 'last' | 'whole'

export interface People {
  /** Whose name this is; null: nobody's who is known, or it may be that of several. */
  find(name: PersonName): { readonly person: string; readonly part: NamePart } | null
  /** A further name of a person, or a new person's first one. In the order in which they came, also after a restart. */
  add(person: string, name: PersonName): void
}

export function readPersonName(surface: string): PersonName {
  const folded = fold(surface)
  const [last = '', ...afterComma] = folded.split(',')
  const rest = wordsOf(afterComma.join(' ')).filter((word) => !suffixes.has(bare(word)))
  // `Brenner, Alice` is turned round; `Brenner, Jr.` is not.
  const words = rest.length > 0 ? [...rest, ...wordsOf(last)] : wordsOf(last)
  return readWords(words, rest.length > 0 ? wordsOf(last).length : null)
}

export function createPeople(): People {
  return new PeopleOfScope()
}

interface Person {
  readonly id: string
  given: readonly string[]
  surname: string | null
  word: string | null
}

/** More people than this of one surname and one initial are not told apart: a further one stands by itself. */
const maxAlike = 200

class PeopleOfScope implements People {
  readonly #people = new Map<string, Person>()
  readonly #byCanonical = new Map<string, Person>()
  /** Everybody who has a word as a given name, a surname, or all that is known. */
  readonly #byWord = new Map<string, Set<Person>>()
  /** `surname` and `surname|initial of the given name`. */
  readonly #bySurname = new Map<string, Set<Person>>()
  /** Of whom only a word is known, and nobody else could be meant when it came. */
  readonly #byLooseWord = new Map<string, Person>()

  find(name: PersonName): { readonly person: string; readonly part: NamePart } | null {
    const same = this.#byCanonical.get(name.canonical)
    const fitting = same === undefined ? this.#fitting(name) : new Set([same])
    if (fitting.size === 0 && name.untitled !== null) return this.find(name.untitled)
    const person = onlyOne(fitting)
    return person === null ? null : { person: person.id, part: partOf(name, person) }
  }

  add(id: string, name: PersonName): void {
    const known = this.#people.get(id)
    if (known === undefined) this.#admit(id, name)
    else this.#extend(known, name)
  }

  /** Everybody who may be meant; two are as good as more. */
  #fitting(name: PersonName): ReadonlySet<Person> {
    const { given, surname, word } = name
    if (word !== null) return this.#byWord.get(word) ?? nobody
    if (surname === null) return nobody
    if (given.length === 0) return this.#bySurname.get(surname) ?? this.#byWord.get(surname) ?? nobody
    const first = given[0] ?? ''
    const found = new Set<Person>()
    for (const key of [`${surname}|${first.charAt(0)}`, `${surname}|`]) {
      const alike = this.#bySurname.get(key) ?? nobody
      if (alike.size > maxAlike) return alike
      for (const person of alike) if (canBeSame(given, person.given)) found.add(person)
    }
    for (const loose of [surname, first]) {
      const person = this.#byLooseWord.get(loose)
      if (person !== undefined) found.add(person)
    }
    return found
  }

  #admit(id: string, name: PersonName): void {
    const isAlone = this.#fitting(name).size === 0
    const person: Person = { id, given: name.given, surname: name.surname, word: name.word }
    this.#people.set(id, person)
    this.#enter(person, name)
    if (person.word !== null && isAlone) this.#byLooseWord.set(person.word, person)
  }

  /** What a further name tells of a person is known from now on. */
  #extend(person: Person, name: PersonName): void {
    if (name.surname !== null && partOf(name, person) !== 'first') {
      if (person.word !== null && this.#byLooseWord.get(person.word) === person) this.#byLooseWord.delete(person.word)
      const isGivenKnown = person.surname !== null && weight(person.given) >= weight(name.given)
      person.given = isGivenKnown ? person.given : name.given
      person.surname = name.surname
      person.word = null
    }
    this.#enter(person, name)
  }

  #enter(person: Person, name: PersonName): void {
    if (!this.#byCanonical.has(name.canonical)) this.#byCanonical.set(name.canonical, person)
    const { given, surname, word } = person
    for (const each of [...given.filter((one) => one.length > 1), surname, word])
      if (each !== null) addTo(this.#byWord, each, person)
    if (surname === null) return
    addTo(this.#bySurname, surname, person)
    addTo(this.#bySurname, `${surname}|${(given[0] ?? '').charAt(0)}`, person)
  }
}

function readWords(all: readonly string[], surnameWords: number | null): PersonName {
  const titles = all.findIndex((word) => !isTitle(word))
  const words = (titles < 0 ? [] : all.slice(titles)).flatMap(initials).map(bare)
  while (words.length > 1 && suffixes.has(words.at(-1) ?? '') && surnameWords === null) words.pop()
  // Nothing but a title is a name of its own kind: `Professor`.
  if (words.length === 0) return single(all.map(bare).join(' '))
  if (words.length === 1) {
    const [word = ''] = words
    return titles > 0 ? { canonical: word, given: [], surname: word, word: null, untitled: null } : single(word)
  }
  let start = words.length - Math.min(surnameWords ?? 1, words.length - 1)
  while (surnameWords === null && start > 1 && particles.has(words[start - 1] ?? '')) start--
  const surname = words.slice(start).join(' ')
  const given = words.slice(0, start)
  const isMonsieur = titles === 0 && surnameWords === null && all[0] === 'm.' && all.length > 1
  const untitled = isMonsieur ? readWords(['monsieur', ...all.slice(1)], null) : null
  return { canonical: words.join(' '), given, surname, word: null, untitled }
}

function single(word: string): PersonName {
  return { canonical: word, given: [], surname: null, word, untitled: null }
}

function partOf(name: PersonName, person: Person): NamePart {
  const { surname, word } = name
  if (word !== null) return word === person.surname ? 'last' : person.given.includes(word) ? 'first' : 'whole'
  if (name.given.length > 0) return 'whole'
  return surname !== person.surname && surname !== null && person.given.includes(surname) ? 'first' : 'last'
}

function canBeSame(a: readonly string[], b: readonly string[]): boolean {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const left = a[index] ?? ''
    const right = b[index] ?? ''
    const isInitial = left.length === 1 || right.length === 1
    if (isInitial ? left.charAt(0) !== right.charAt(0) : left !== right) return false
  }
  return true
}

/** How much given names tell: written out is more than an initial. */
function weight(given: readonly string[]): number {
  return given.reduce((sum, word) => sum + (word.length > 1 ? 10 : 1), 0)
}

function onlyOne(people: ReadonlySet<Person>): Person | null {
  if (people.size !== 1) return null
  for (const person of people) return person
  return null
}

const nobody: ReadonlySet<Person> = new Set()

function addTo(index: Map<string, Set<Person>>, key: string, person: Person): void {
  const people = index.get(key)
  if (people === undefined) index.set(key, new Set([person]))
  else people.add(person)
}

function fold(surface: string): string {
  const lower = surface.normalize('NFKC').toLowerCase().replaceAll('ß', 'ss').replaceAll('ς', 'σ')
  return lower.trim().replace(/(?:['’ʼ]s|(?<=s)['’ʼ])$/u, '')
}

function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/u).filter((word) => word !== '' && word !== '.')
}

function isTitle(word: string): boolean {
  return titles.has(bare(word)) && word !== 'm.'
}

/** `j.r.` are two. */
function initials(word: string): readonly string[] {
  return /^\p{L}\.(?:\p{L}\.?)+$/u.test(word) ? word.split('.').filter((part) => part !== '') : [word]
}

function bare(word: string): string {
  return word.replace(/\.+$/, '')
}

const titles = new Set(
  (
    'mr mrs ms miss mx dr doctor prof professor sir dame lord lady rev hon capt ' +
    'herr herrn frau hr fr fräulein dipl.-ing ing mag ' +
    'monsieur madame mademoiselle mme mlle mgr maître ' +
    'sr sra srta señor señora señorita don doña dra senhor senhora ' +
    'sig sig.ra sig.na signor signore signora signorina dott dott.ssa dottor dottoressa avv ' +
    'dhr mevr mevrouw meneer pan pani fru herra rouva'
  ).split(' '),
)
const suffixes = new Set('jr junior sr senior ii iii iv phd ph.d md m.d esq msc bsc mba'.split(' '))
const particles = new Set(
  'von van der den de del della di da dos das du la le zu zum zur af av bin ibn al el ten ter'.split(' '),
)
