import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPage, pagePolicy } from './static.ts'

let root = ''
let page: (request: Request) => Response | null = () => null
const get = (path: string, init: RequestInit = {}) => page(new Request(`http://127.0.0.1:9999${path}`, init))

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'hearth-page-'))
  const dist = join(root, 'dist')
  mkdirSync(join(dist, 'assets'), { recursive: true })
  writeFileSync(join(root, 'secret.txt'), 'outside')
  writeFileSync(join(dist, '.hidden.txt'), 'hidden')
  writeFileSync(join(dist, 'index.html'), '<!doctype html>')
  writeFileSync(join(dist, 'theme.js'), 'theme()')
  writeFileSync(join(dist, 'assets', 'app-1a2b3c.js'), 'app()')
  writeFileSync(join(dist, 'assets', 'app-1a2b3c.css'), 'a{}')
  writeFileSync(join(dist, 'notes.sql'), 'select 1')
  symlinkSync(dist, join(dist, 'assets', 'loop'))
  page = createPage({ directory: dist })
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('a page served from its folder', () => {
  const served = [
    ['/', 'text/html; charset=utf-8', 'no-cache'],
    ['/theme.js', 'text/javascript; charset=utf-8', 'no-cache'],
    ['/assets/app-1a2b3c.js', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
    ['/assets/app-1a2b3c.css', 'text/css; charset=utf-8', 'public, max-age=31536000, immutable'],
  ] as const
  for (const [path, contentType, cacheControl] of served) {
    test(`${path} is ${contentType}, cached as ${cacheControl}`, () => {
      const response = get(path)
      expect(response?.status).toBe(200)
      expect(response?.headers.get('content-type')).toBe(contentType)
      expect(response?.headers.get('cache-control')).toBe(cacheControl)
      expect(response?.headers.get('content-security-policy')).toBe(pagePolicy)
      expect(response?.headers.get('x-content-type-options')).toBe('nosniff')
    })
  }

  const passedOn = [
    '/models',
    '/v1/models',
    '/assets/gone.js',
    '/assets',
    '/assets/',
    '/notes.sql',
    '/.hidden.txt',
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/assets//app-1a2b3c.js',
    '/%00.js',
    `/${'a'.repeat(5000)}`,
  ]
  for (const path of passedOn) {
    test(`${path.slice(0, 40)} is not the page's`, () => {
      expect(get(path)).toBeNull()
    })
  }

  test('other methods are not for the page', () => {
    expect(get('/', { method: 'POST' })).toBeNull()
  })

  test('what the browser already has is not sent again', () => {
    const etag = get('/')?.headers.get('etag') ?? ''
    const again = get('/', { headers: { 'if-none-match': etag } })
    expect(again?.status).toBe(304)
  })

  test('HEAD tells the size and sends nothing', async () => {
    const response = get('/', { method: 'HEAD' })
    expect(response?.headers.get('content-length')).toBe('15')
    expect(await response?.text()).toBe('')
  })

  test('a page that was not built says what to do', async () => {
    const response = createPage({ directory: join(root, 'nowhere') })(new Request('http://127.0.0.1:9999/'))
    expect(response?.status).toBe(503)
    expect(await response?.text()).toContain('npm ci')
  })
})
