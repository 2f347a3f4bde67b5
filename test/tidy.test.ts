import { describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { programPatterns, readFiles, root } from './architecture/repository.ts'
import { readSource } from './architecture/source.ts'
import { relativeLinks, rules } from './tidy/rules.ts'
import type { SourceFile } from './tidy/rules.ts'

/** What breaks a rule with a reason: `path` (a file, or a folder with `/`), the rule's first words, and why. */
const exceptions: readonly { readonly path: string; readonly rule: string; readonly why: string }[] = [
  { path: 'test/tidy/', rule: '', why: 'the rules and their planted violations quote what they forbid' },
  { path: 'test/tidy.test.ts', rule: '', why: 'the same' },
  {
    path: 'src/monitor/adapters/machine-facts/systemd-sleep.ts',
    rule: 'Hearth never',
    why: 'doctor reads which sleep states the machine has; it writes nothing',
  },
]

const documents = readFiles(
  '*.md',
  '{docs,src,cli,engines,sdk,web,test,bench,tools,api,deploy}/**/*.{md,css,html,sh}',
  '.ci/*',
)
const files: readonly SourceFile[] = [
  ...[...readFiles(...programPatterns)].map(([path, text]) => ({ path, text, facts: readSource(path, text) })),
  ...[...documents].map(([path, text]) => ({ path, text, facts: null })),
]

test('the repository was really looked at', () => {
  expect(files.filter((file) => file.facts).length).toBeGreaterThan(100)
  expect(documents.size).toBeGreaterThan(5)
})

describe('every file keeps the rule that', () => {
  test.each(rules.map((rule) => [rule.name, rule] as const))('%s', (name, rule) => {
    const excused = exceptions.filter((each) => name.startsWith(each.rule)).map((each) => each.path)
    const isExcused = (path: string) =>
      excused.some((each) => path === each || (each.endsWith('/') && path.startsWith(each)))
    expect(files.filter((file) => !isExcused(file.path)).flatMap((file) => rule.check(file))).toEqual([])
  })

  test('links of Markdown pages lead somewhere', () => {
    const links = [...documents]
      .filter(([path]) => path.endsWith('.md'))
      .flatMap(([path, text]) =>
        relativeLinks(text).map((link) => ({ path, target: normalize(join(dirname(path), link)) })),
      )
    const broken = links.filter(({ target }) => !existsSync(join(root, target)))
    expect(broken.map(({ path, target }) => `${path} links to ${target}`)).toEqual([])
  })

  test('exceptions are only for what is there', () => {
    expect(exceptions.filter((each) => !existsSync(join(root, each.path)))).toEqual([])
  })
})
