import { describe, expect, test } from 'bun:test'
import { hashOf, parseHash, ticketIn, linkIn } from './route.ts'

describe('a place in the page', () => {
  test.each([
    ['', { tab: '', rest: '', query: '' }],
    ['#/chat', { tab: 'chat', rest: '', query: '' }],
    ['#/chat/hearth/smoke', { tab: 'chat', rest: 'hearth/smoke', query: '' }],
    ['#/requests?outcome=failed', { tab: 'requests', rest: '', query: 'outcome=failed' }],
    ['#/requests/req_1?model=a%2Fb', { tab: 'requests', rest: 'req_1', query: 'model=a%2Fb' }],
    ['#/chat/%E0%A4%A', { tab: 'chat', rest: '%E0%A4%A', query: '' }],
  ])('%p is read', (hash, route) => expect(parseHash(hash)).toEqual(route))

  test('is the same when it is read again', () => {
    expect(parseHash(hashOf('chat', 'a b/c?d#e'))).toEqual({ tab: 'chat', rest: 'a b/c?d#e', query: '' })
    expect(parseHash(hashOf('requests', 'r', 'q=1'))).toEqual({ tab: 'requests', rest: 'r', query: 'q=1' })
  })

  test('knows a ticket', () => {
    expect(ticketIn('#ticket=abc')).toBe('abc')
    expect(ticketIn('#/chat')).toBeNull()
  })

  test('knows the links of an administrator', () => {
    expect(linkIn('#password=abc')).toEqual({ kind: 'password', token: 'abc' })
    expect(linkIn('#invitation=a%2Fb')).toEqual({ kind: 'invitation', token: 'a/b' })
    expect([linkIn('#ticket=abc'), linkIn('#/password=abc'), linkIn('#password=')]).toEqual([null, null, null])
  })
})
