import { expect, test } from 'bun:test'
import { safeUpstreamPath } from './upstream-path.ts'

test.each([
  ['models', '/models'],
  ['v1/models', '/models'],
  ['v1', '/v1'],
  ['v2/models', '/v2/models'],
  ['files/file-1/content', '/files/file-1/content'],
  ['models/org%2Fname', '/models/org%2Fname'],
  ['models/a.b', '/models/a.b'],
  ['models/..name', '/models/..name'],
  ['fine-tunes/', '/fine-tunes/'],
  ['a%20b', '/a%20b'],
])('%s stays behind the base', (raw, path) => {
  expect(safeUpstreamPath(raw, 'v1')).toBe(path)
})

test.each([
  [''],
  ['..'],
  ['../admin'],
  ['a/../../admin'],
  ['a/./b'],
  ['a//b'],
  ['/etc'],
  ['%2e%2e/admin'],
  ['.%2E/admin'],
  ['a/%2e%2e%2fadmin'],
  ['a%2f..%2f..%2fadmin'],
  ['%252e%252e/admin'],
  ['%25252e%25252e/admin'],
  ['%2525252525252e/admin'],
  ['a\\..\\admin'],
  ['a%5c..%5cadmin'],
  ['..;x=1/admin'],
  ['..%3bx/admin'],
  ['.. /admin'],
  ['..%20/admin'],
  ['a%00b'],
  ['a%0d%0ab'],
  ['a%zz'],
  ['%2Fadmin'],
  ['.../admin'],
])('%s is refused', (raw) => {
  expect(safeUpstreamPath(raw, 'v1')).toBeNull()
})
