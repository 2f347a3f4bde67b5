import { describe, expect, test } from 'bun:test'
import { createPeople, readPersonName } from './people.ts'

/** Gives each name to whom it belongs, in this order; a person is called by the name that came first. */
function told(...names: readonly string[]): readonly string[] {
  const people = createPeople()
  const firstNames = new Map<string, string>()
  return names.map((surface, index) => {
    const name = readPersonName(surface)
    const found = people.find(name)
    const person = found?.person ?? `person ${index}`
    people.add(person, name)
    if (!firstNames.has(person)) firstNames.set(person, surface)
    return found === null ? 'new' : `${firstNames.get(person)} (${found.part})`
  })
}

describe('a name', () => {
  test.each([
    ['Alice Brenner', 'alice brenner', 'brenner'],
    ['ALICE  BRENNER', 'alice brenner', 'brenner'],
    ['Ｂrenner, Alice', 'alice brenner', 'brenner'],
    ['Ms Brenner', 'brenner', 'brenner'],
    ['Ms. Brenner’s', 'brenner', 'brenner'],
    ['Prof. Dr. Alice Brenner', 'alice brenner', 'brenner'],
    ["Alice Brenner's", 'alice brenner', 'brenner'],
    ["James'", 'james', null],
    ['A. Brenner', 'a brenner', 'brenner'],
    ['J.R.R. Tolkien', 'j r r tolkien', 'tolkien'],
    ['Ludwig van Beethoven', 'ludwig van beethoven', 'van beethoven'],
    ['van Beethoven, Ludwig', 'ludwig van beethoven', 'van beethoven'],
    ['Herr Strauß', 'strauss', 'strauss'],
    ['Sra. García López', 'garcía lópez', 'lópez'],
    ['Dott.ssa Rossi', 'rossi', 'rossi'],
    ['M. Dupont', 'm dupont', 'dupont'],
    ['Martin Luther King Jr.', 'martin luther king', 'king'],
    ['King, Jr.', 'king', null],
    ['Alice', 'alice', null],
    ['Professor', 'professor', null],
    ['王小明', '王小明', null],
    ['', '', null],
  ])('%p is %p with the surname %p', (surface, canonical, surname) => {
    expect(readPersonName(surface)).toMatchObject({ canonical, surname })
  })
})

describe('names of one scope', () => {
  test.each<readonly [string, readonly string[], readonly string[]]>([
    [
      'the whole name first',
      ['Alice Brenner', 'Ms Brenner', 'Alice', 'A. Brenner', 'Brenner, Alice', 'Brenner', "Alice's"],
      [
        'new',
        'Alice Brenner (last)',
        'Alice Brenner (first)',
        'Alice Brenner (whole)',
        'Alice Brenner (whole)',
        'Alice Brenner (last)',
        'Alice Brenner (first)',
      ],
    ],
    [
      'the given name first',
      ['Alice', 'Alice Brenner', 'Ms Brenner', 'Alice'],
      ['new', 'Alice (whole)', 'Alice (last)', 'Alice (first)'],
    ],
    [
      'the surname first',
      ['Ms Brenner', 'Alice Brenner', 'Alice'],
      ['new', 'Ms Brenner (whole)', 'Ms Brenner (first)'],
    ],
    ['an initial first', ['A. Brenner', 'Alice Brenner', 'Alice'], ['new', 'A. Brenner (whole)', 'A. Brenner (first)']],
    [
      'two people with one surname',
      ['Alice Brenner', 'Bob Brenner', 'Ms Brenner', 'Mr Brenner'],
      ['new', 'new', 'new', 'Ms Brenner (last)'],
    ],
    [
      'two people with one given name',
      ['Alice Brenner', 'Alice Cooper', 'Alice', 'ALICE'],
      ['new', 'new', 'new', 'Alice (whole)'],
    ],
    [
      'nobody joins whoever was one of two',
      ['Alice Brenner', 'Alice Cooper', 'Alice', 'Alice Dorn'],
      ['new', 'new', 'new', 'new'],
    ],
    ['an initial of two', ['Alice Brenner', 'Anna Brenner', 'A. Brenner'], ['new', 'new', 'new']],
    [
      'an initial of one of two',
      ['Alice Brenner', 'Bob Brenner', 'A. Brenner'],
      ['new', 'new', 'Alice Brenner (whole)'],
    ],
    [
      'a middle name',
      ['Alice Brenner', 'Alice Marie Brenner', 'Alice M. Brenner'],
      ['new', 'Alice Brenner (whole)', 'Alice Brenner (whole)'],
    ],
    ['a given name that is another’s surname', ['Alice Thomas', 'Thomas Brenner', 'Thomas'], ['new', 'new', 'new']],
    ['two words that are one person’s', ['Alice', 'Ms Brenner', 'Alice Brenner'], ['new', 'new', 'new']],
    [
      'once settled it stays',
      ['Alice', 'Alice Brenner', 'Alice Cooper', 'Alice'],
      ['new', 'Alice (whole)', 'new', 'Alice (first)'],
    ],
    ['a French title', ['Jean Dupont', 'M. Dupont'], ['new', 'Jean Dupont (last)']],
    [
      'an initial that could be a French title',
      ['Marie Dupont', 'Jean Dupont', 'M. Dupont'],
      ['new', 'new', 'Marie Dupont (whole)'],
    ],
    ['a title before a given name', ['Alice Brenner', 'Dr. Alice'], ['new', 'Alice Brenner (first)']],
    [
      'a surname of two words',
      ['Ludwig van Beethoven', 'van Beethoven, Ludwig', 'Ludwig'],
      ['new', 'Ludwig van Beethoven (whole)', 'Ludwig van Beethoven (first)'],
    ],
  ])('%s', (_, names, expected) => {
    expect(told(...names)).toEqual([...expected])
  })

  test('mean the same people after they were read back in the order in which they came', () => {
    const names = ['Alice', 'Bob Cooper', 'Alice Brenner', 'Alice Cooper', 'Cooper', 'Ms Brenner', 'A. Cooper', 'Bob']
    const before = createPeople()
    const kept: { person: string; surface: string }[] = []
    for (const [index, surface] of names.entries()) {
      const name = readPersonName(surface)
      const person = before.find(name)?.person ?? `${index}`
      before.add(person, name)
      kept.push({ person, surface })
    }
    const after = createPeople()
    for (const { person, surface } of kept) after.add(person, readPersonName(surface))
    const asked = [...names, 'Alice Dorn', 'B. Cooper', 'Mr Cooper', 'Brenner', 'Cooper, Alice']
    expect(asked.map((each) => after.find(readPersonName(each)))).toEqual(
      asked.map((each) => before.find(readPersonName(each))),
    )
  })

  test('cost no more where many are alike', () => {
    const people = createPeople()
    for (let index = 0; index < 20_000; index++) {
      const name = readPersonName(`A${index.toString(36)}x Brenner`)
      people.add(people.find(name)?.person ?? `${index}`, name)
    }
    expect(people.find(readPersonName('A. Brenner'))).toBeNull()
    expect(people.find(readPersonName('A0x Brenner'))).toEqual({ person: '0', part: 'whole' })
  })
})
