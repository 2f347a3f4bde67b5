import { describe, expect, test } from 'bun:test'
import { request } from './planted-request.ts'
import { emptyTail, joined, withArrived, withHeldShown } from './tail.ts'

const rows = (...ids: string[]) => ids.map((id) => ({ ...request, id }))
const ids = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id).join('')

describe('the tail', () => {
  test('shows what arrives, newest first', () => {
    const tail = withArrived(withArrived(emptyTail, rows('a', 'b'), false), rows('c'), false)
    expect(ids(tail.shown)).toBe('cba')
  })

  test('holds back while somebody reads, and shows it afterwards', () => {
    const held = withArrived(withArrived(emptyTail, rows('a'), false), rows('b', 'c'), true)
    expect([ids(held.shown), ids(held.held)]).toEqual(['a', 'cb'])
    expect(ids(withHeldShown(held).shown)).toBe('cba')
    expect(ids(withArrived(held, rows('d'), false).shown)).toBe('dcba')
  })

  test('joins what was read, each request once', () => {
    const tail = withArrived(emptyTail, rows('b', 'c'), false)
    expect(ids(joined(tail, rows('b', 'a')))).toBe('cba')
  })

  test('that grows too long begins anew', () => {
    const many = rows(...Array.from({ length: 2_001 }, (_, n) => `${n} `))
    expect(withArrived(emptyTail, many, false)).toEqual({ shown: [], held: [], isTorn: true })
    const held = withArrived(emptyTail, many, true)
    expect([held.held.length, held.isTorn]).toEqual([2_000, true])
    expect(withHeldShown(held)).toEqual({ shown: [], held: [], isTorn: true })
  })
})
