import { expect, test } from 'bun:test'
import { silentLogger } from '#platform/log/logger.ts'
import { httpsOnly, withStrictTransport } from './https-only.ts'
import type { Connection } from './route.ts'

const at: Connection = { from: '10.0.0.5', isLocalSocket: false, setIdleTimeout: () => {} }
const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

const ask = (url: string, init: RequestInit = {}, publicUrl: string | null = null) =>
  httpsOnly({ port: () => 8443, publicUrl: () => publicUrl, log: silentLogger })(new Request(url, init), at)

test.each([
  ['http://nas.lan:9999/?a=1', null, 'https://nas.lan:8443/?a=1'],
  ['http://[fd00::5]:9999/', null, 'https://[fd00::5]:8443/'],
  ['http://nas.lan:9999/', 'https://hearth.example.org', 'https://hearth.example.org/'],
  ['http://nas.lan:9999/', 'http://nas.lan:9999', 'https://nas.lan:8443/'],
])('a browser at %s is sent on (public: %p)', async (url, publicUrl, location) => {
  const answer = await ask(url, { headers: html }, publicUrl)
  expect([answer.status, answer.headers.get('location')]).toEqual([308, location])
})

test.each([
  ['a program', { headers: { accept: 'application/json' } }],
  ['a key', { headers: { ...html, authorization: 'Bearer hk-x' } }],
  ['a post', { method: 'POST', headers: html, body: '{}' }],
] satisfies [string, RequestInit][])('%s is refused, not sent on with its key', async (_, init) => {
  const answer = await ask('http://nas.lan:9999/v1/chat/completions', init)
  expect(answer.status).toBe(403)
  expect(answer.headers.get('location')).toBeNull()
  const { error } = (await answer.json()) as { error: { code: string; message: string } }
  expect(error.code).toBe('https_required')
  expect(error.message).toContain('https://nas.lan:8443')
})

test.each([
  ['hearth.lan:8443', true],
  ['hearth.lan', true],
  ['localhost:8443', false],
  ['dev.localhost', false],
  ['192.168.1.5:8443', false],
  ['[fd00::5]:8443', false],
  ['', false],
])('browsers at %p are told to come over HTTPS for ever: %p', async (host, isTold) => {
  const request = new Request('https://x/', { headers: { host } })
  const answer = await withStrictTransport(() => new Response('x'))(request, at)
  expect(answer.headers.has('strict-transport-security')).toBe(isTold)
})
