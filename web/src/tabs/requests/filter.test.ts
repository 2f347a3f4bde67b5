import { describe, expect, test } from 'bun:test'
import { anyRequest, apiQuery, matches, readFilter, type RequestFilter, writeFilter } from './filter.ts'
import { request } from './planted-request.ts'

describe('a filter', () => {
  test('of nothing is an empty text', () => {
    expect(writeFilter(anyRequest)).toBe('')
    expect(readFilter('')).toEqual(anyRequest)
  })

  test('is the same when it is read again', () => {
    const filter: RequestFilter = {
      key: 'abc',
      model: 'a/b c&d=%',
      upstream: 'local',
      outcome: 'failed',
      since: 'day',
      text: 'ü?#',
    }
    expect(readFilter(writeFilter(filter))).toEqual(filter)
  })

  test('lets go of words it does not know', () => {
    expect(readFilter('outcome=odd&since=ever&more=1')).toEqual(anyRequest)
  })

  test('is asked for as the API takes it', () => {
    const asked = apiQuery({ ...anyRequest, model: 'm', since: 'hour', text: 'x' }, { now: 3_600_000, limit: 100 })
    expect(Object.fromEntries(new URLSearchParams(asked))).toEqual({
      model: 'm',
      limit: '100',
      since: '1970-01-01T00:00:00.000Z',
      text: 'x',
    })
  })

  const cases: readonly [Partial<RequestFilter>, boolean][] = [
    [{}, true],
    [{ key: request.key }, true],
    [{ key: 'other' }, false],
    [{ model: 'hearth/smoke' }, true],
    [{ model: 'hearth' }, false],
    [{ upstream: 'local' }, true],
    [{ outcome: 'failed' }, false],
    [{ text: 'SMOKE' }, true],
    [{ text: 'timeout' }, false],
  ]
  test.each(cases)('%j fits a request that just ended: %p', (change, fits) => {
    expect(matches(request, { ...anyRequest, ...change })).toBe(fits)
  })

  test('finds text in the reason', () => {
    expect(matches({ ...request, reason: 'queue_full' }, { ...anyRequest, text: 'queue' })).toBe(true)
  })
})
