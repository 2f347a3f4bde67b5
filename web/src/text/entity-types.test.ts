import { describe, expect, test } from 'bun:test'
import { entityTypes } from '../../../src/kernel/entity-types.ts'
import { countedTypes, summed, typeLook, typeName } from './entity-types.ts'

describe('types of values', () => {
  test.each([...entityTypes])('%s has a name and a colour', (type) => {
    expect(typeName(type)).not.toBe(type === 'IBAN' || type === 'BIC' ? '' : type)
    expect(typeLook(type)).toEndWith('-tint')
  })

  test('one that is not known stays as it was told', () => {
    expect([typeName('PASSPORT'), typeLook('PASSPORT')]).toEqual(['PASSPORT', 'bg-sunken'])
  })

  test('are counted with the most first', () => {
    const told = countedTypes({ EMAIL: 1, PERSON: 1200, CARD: 1 }).map((each) => each.told)
    expect(told).toEqual(['Person: 1,200', 'Payment card: 1', 'E-mail address: 1'])
  })

  test('are summed over rows', () => {
    expect(summed([{ EMAIL: 1 }, {}, { EMAIL: 2, IP: 1 }])).toEqual({ EMAIL: 3, IP: 1 })
  })
})
