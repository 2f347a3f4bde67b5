/** Each rule of tidiness is seen to fail on a planted violation, and to let a good file pass. */
import { expect, test } from 'bun:test'
import { readSource } from '../architecture/source.ts'
import { relativeLinks, rules } from './rules.ts'

function complaints(path: string, text: string): string {
  const facts = /\.(ts|tsx|js)$/.test(path) ? readSource(path, text) : null
  return rules.flatMap((rule) => rule.check({ path, text, facts })).join('\n')
}

const longFunction = `export function f() {\n${'  g()\n'.repeat(70)}}\nconst g = () => 1\n`

const planted: readonly (readonly [string, string, string])[] = [
  ['src/x.ts', `// ${'a '.repeat(60)}`, 'columns'],
  ['src/x.ts', `export const x = [${'1, '.repeat(60)}]`, 'columns'],
  ['src/x.ts', `export const x = ['${'a'.repeat(60)}', '${'b'.repeat(60)}', '${'c'.repeat(60)}']`, 'columns'],
  ['src/x.ts', '\n'.repeat(501), 'has 501 lines'],
  ['src/x.ts', longFunction, 'f has 72 lines'],
  ['src/myFile.ts', 'export const x = 1', 'kebab-case'],
  ['src/string-utils.ts', 'export const x = 1', 'calls something utils'],
  ['src/x.ts', 'export class ModelManager {}', 'calls something ModelManager'],
  ['src/x.ts', 'export const parseHelper = 1', 'calls something parseHelper'],
  ['src/x.ts', '// TODO later\nexport const x = 1', 'is a leftover'],
  ['src/x.ts', 'export const x = "Lorem ipsum"', 'is a placeholder'],
  ['src/x.ts', 'export const x = () => { throw new Error("Not implemented.") }', 'is a placeholder'],
  ['web/src/X.tsx', 'export const X = () => <p>Coming soon</p>', 'is a placeholder'],
  ['src/x.ts', 'export const x = "Hello! How can I help you today?"', 'is a canned answer'],
  ['src/x.test.ts', "test.only('a', () => {})", 'runs alone'],
  ['src/x.test.ts', "test.skip('a', () => {})", 'runs alone'],
  ['src/x.test.ts', "test.skipIf(Math.random() > 0.5)('a', () => {})", 'without naming'],
  ['src/x.test.ts', "test('should work', () => {})", 'sentence'],
  ['src/x.ts', 'export default 1', 'default export'],
  ['src/x.ts', "export const home = '/root/.hearth'", 'somebody'],
  ['docs/x.md', '# X\n\nSee /home/somebody/x.', 'somebody'],
  ['src/x.ts', '// as design.md says\nexport const x = 1', 'not in the repository'],
  ['src/x.ts', "export const x = ['systemctl', 'suspend']", 'power verb'],
  ['src/x.ts', "export const x = ['/sbin/reboot']", 'power verb'],
  ['cli/x.ts', 'export const x = `sudo shutdown -h now`', 'power verb'],
  ['engines/x.ts', "export const x = '/sys/power/state'", 'power verb'],
  ['docs/x.md', 'No title', '0 titles'],
  ['docs/x.md', '# One\n\n# Two', '2 titles'],
]

test.each(planted.map(([path, text, expected]) => [path, expected, text] as const))(
  '%s: “%s” is told',
  (path, expected, text) => {
    expect(complaints(path, text)).toContain(expected)
  },
)

test.each([
  ['src/x-y.ts', "/** Suspends nothing; waits for the shutdown. */\nexport const log = 'graceful shutdown begins'"],
  ['src/x.ts', `export const x = '${'a '.repeat(80)}'`],
  ['src/x.ts', "export type Why = 'shutdown' | 'ttl'\nexport const why: Why = 'shutdown'"],
  ['src/x.test.ts', "describe.skip('it on PostgreSQL (needs HEARTH_TEST_SYSTEM=1)', () => {})"],
  ['web/src/Card.tsx', 'export const Card = () => <input placeholder="name" />'],
  ['vite.config.ts', 'export default {}'],
  ['src/x.test.ts', "test.skipIf(!process.env['HEARTH_TEST_SYSTEM'])('a row is there', () => {})"],
  ['docs/x.md', '# One\n\n```sh\n# a comment\n```\n'],
])('a good %s passes', (path, text) => {
  expect(complaints(path, text)).toBe('')
})

test('links are found without anchors, addresses and code', () => {
  const text = '# A\n[a](./a.md#part) [b](https://x.org) [c](#here) [d](b%20c.md "title")\n```\n[e](gone.md)\n```\n'
  expect(relativeLinks(text)).toEqual(['./a.md', 'b c.md'])
})
