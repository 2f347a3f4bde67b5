import { describe, expect, test } from 'bun:test'
import type { OriginFacts } from './session-origin.ts'
import { judgeSessionOrigin } from './session-origin.ts'

const facts: OriginFacts = {
  method: 'POST',
  origin: null,
  secFetchSite: null,
  host: '127.0.0.1:9999',
  publicUrl: 'https://hearth.example/',
}

describe('a request with a session’s cookie', () => {
  test.each<[string, Partial<OriginFacts>]>([
    ['a POST of our page', { origin: 'http://127.0.0.1:9999', secFetchSite: 'same-origin' }],
    ['a POST of an old browser that tells the origin only', { origin: 'http://127.0.0.1:9999' }],
    ['a POST that is told to be of the same origin', { secFetchSite: 'same-origin' }],
    ['a POST through the proxy that publicUrl names', { origin: 'https://hearth.example' }],
    ['a GET of an old browser', { method: 'GET' }],
    ['a GET by a person who opens the address', { method: 'GET', secFetchSite: 'none' }],
  ])('is taken: %s', (_, more) => {
    expect(judgeSessionOrigin({ ...facts, ...more })).toBeNull()
  })

  test.each<[string, Partial<OriginFacts>]>([
    ['a POST that tells nothing', {}],
    ['a request whose method is not known and that tells nothing', { method: null }],
    ['a POST of another site', { origin: 'https://evil.example', secFetchSite: 'cross-site' }],
    ['a POST of another port of this host', { origin: 'http://127.0.0.1:3000', secFetchSite: 'same-site' }],
    ['a POST of a sandboxed frame', { origin: 'null' }],
    ['a POST of an empty origin', { origin: '' }],
    ['a POST that a person is said to have typed', { secFetchSite: 'none' }],
    ['a GET of another site', { method: 'GET', secFetchSite: 'cross-site' }],
    ['a GET of a page on another origin', { method: 'GET', origin: 'https://evil.example' }],
    ['an origin whose beginning is ours', { origin: 'http://127.0.0.1:9999.evil.example' }],
    ['an origin without a host when there is no Host', { origin: 'null', host: null }],
  ])('is refused: %s', (_, more) => {
    expect(judgeSessionOrigin({ ...facts, ...more })).toBeString()
  })
})
