/** This program's own sources hold no secrets: whatever is found in them is a mistake, or is listed here. */
import { expect, test } from 'bun:test'
import { readFiles } from '../../../../../test/architecture/repository.ts'
import { createScanner } from '../../detect/scan.ts'
import type { View } from '../../words.ts'
import { secretRecognisers } from './secrets.ts'

/** The most that may be found by mistake in a thousand lines. */
const budget = 1

/** Examples in documents that are as a secret is. `file: value`. */
const examples: ReadonlySet<string> = new Set([])

const sources = [...readFiles('{src,cli,web,docs,engines}/**/*.{ts,tsx,md,css,html,sh}')].filter(
  ([path]) => !/\.test\.tsx?$|\/(?:golden|fixtures|node_modules|dist)\//.test(path),
)

test('at most one value in a thousand lines of this program is taken for a secret', () => {
  const scanner = createScanner(secretRecognisers)
  const lines = sources.reduce((sum, [, text]) => sum + text.split('\n').length, 0)
  expect(lines).toBeGreaterThan(50_000)
  const mistakes = sources.flatMap(([path, text]) =>
    scanner
      .scan(viewOf(text))
      .map((hit) => `${path}:${lineOf(text, hit.start)} ${hit.recogniser} ${text.slice(hit.start, hit.end)}`)
      .filter((mistake) => !examples.has(mistake)),
  )
  if (mistakes.length > (lines / 1000) * budget) expect(mistakes).toEqual([])
  expect(mistakes.length).toBeLessThanOrEqual((lines / 1000) * budget)
})

test('the same scan sees a secret that is put into one of them', () => {
  const scanner = createScanner(secretRecognisers)
  const [, text] = sources[0] ?? ['', '']
  const planted = `${text}\nconst apiKey = '${['q8Zr2LxV0p', 'Yw7NbK3mTs'].join('')}'\n`
  expect(scanner.scan(viewOf(planted)).length).toBe(scanner.scan(viewOf(text)).length + 1)
})

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length
}

function viewOf(text: string): View {
  return { kind: 'raw', text, lower: text.toLowerCase(), rawStart: (index) => index, rawEnd: (index) => index }
}
