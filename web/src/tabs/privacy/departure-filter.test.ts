import { expect, test } from 'bun:test'
import { anyDeparture, readDepartureFilter, writeDepartureFilter } from './departure-filter.ts'

test('a filter comes back from the address as it was written', () => {
  const filter = { destination: 'vendor & co', verdict: 'refused' } as const
  expect(readDepartureFilter(writeDepartureFilter(filter))).toEqual(filter)
  expect(writeDepartureFilter(anyDeparture)).toBe('')
})

test('what the address cannot mean is no filter', () => {
  expect(readDepartureFilter('verdict=lost&value=ann')).toEqual(anyDeparture)
  expect(readDepartureFilter(`destination=${'x'.repeat(300)}`).destination.length).toBe(100)
})
