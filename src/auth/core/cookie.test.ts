import { describe, expect, test } from 'bun:test'
import { readSessionCookie, writeSessionCookie } from './cookie.ts'

describe('the session’s cookie', () => {
  test.each([
    ['hearth_session=abc', 'abc'],
    ['a=1; hearth_session=abc; b=2', 'abc'],
    ['hearth_session=abc; hearth_session=def', 'abc'],
    ['xhearth_session=abc', null],
    ['hearth_session=', null],
    ['hearth_session=abc; __Host-hearth_session=def', 'def'],
    ['__Host-hearth_session=; hearth_session=abc', 'abc'],
    ['hearth_session', null],
    ['', null],
  ])('%p holds %p', (header, token) => {
    expect(readSessionCookie(header)).toBe(token)
  })

  test('is out of reach for scripts and other sites, and for plain http where the page is on https', () => {
    const cookie = writeSessionCookie('abc', { maxAgeSeconds: 60, isSecure: true })
    expect(cookie).toBe('__Host-hearth_session=abc; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure')
    expect(writeSessionCookie('', { maxAgeSeconds: 0, isSecure: false })).not.toContain('Secure')
  })
})
