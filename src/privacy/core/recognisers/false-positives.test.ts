import { expect, test } from 'bun:test'
import { readFiles } from '../../../../test/architecture/repository.ts'
import { createDetector } from '../detect/detector.ts'
import type { Span } from '../words.ts'
import { Budget } from '../text/budget.ts'
import { identifierRecognisers } from './identifiers.ts'

/** What the repository's own texts are right to hold: addresses of its examples, which are private ones. */
const examples = new Set(
  [
    [
      '10.0.0.5',
      '10.0.0.6',
      '10.0.0.9',
      '192.168.1.0',
      '192.168.1.5',
      '100.100.100.200',
      '169.254.170.2',
      'fd20:ce::254',
    ],
    ['http://10.0.0.5', 'http://10.0.0.6', 'http://10.0.0.9', 'http://192.168.1.5', 'http://nas.lan'],
  ].flat(),
)
/** Folders whose texts show what is recognised: examples by their purpose. */
const shows = ['src/privacy/core/', 'docs/guides/privacy']

/** One line in a thousand. */
const budget = 1 / 1000

const detector = createDetector(identifierRecognisers({ urls: 'internal' }))

function spansOf(text: string): readonly Span[] {
  const detection = detector.detect(text, { dictionaries: [], budget: new Budget({ decodedBytes: 1 << 24 }) })
  if (detection.kind !== 'spans') throw new Error(`nothing was read: ${detection.what}`)
  // What looks like a placeholder is found by the detector itself.
  return detection.spans.filter((span) => span.type !== 'LITERAL')
}

test('in the sources of this repository hardly anything is taken for an identifier', () => {
  const files = readFiles('{src,cli,web,docs,engines}/**/*.{ts,tsx,md,css,html,json}')
  let lines = 0
  const hits: string[] = []
  for (const [path, text] of files) {
    if (/\.test\.tsx?$|\/(fixtures|golden|dist)\//.test(path) || shows.some((folder) => path.startsWith(folder)))
      continue
    lines += text.split('\n').length
    for (const span of spansOf(text)) {
      const value = text.slice(span.start, span.end)
      if (examples.has(value.replace(/^(https?:\/\/[^:/]+).*$/, '$1'))) continue
      const line = text.slice(0, span.start).split('\n').length
      hits.push(`${path}:${line} ${span.recogniser} ${JSON.stringify(value)}`)
    }
  }
  expect(lines).toBeGreaterThan(20_000)
  // The list is what to read when this fails; one more than the budget allows shows all of it.
  expect(hits.length <= lines * budget ? [] : hits).toEqual([])
})

test('the examples of the repository are seen, so that the budget is no proof of blindness', () => {
  const guides = [...readFiles('docs/guides/*.md').values()].join('\n')
  const values = spansOf(guides).map((span) => span.canonical)
  expect(values).toContain('http://10.0.0.5:8000')
})
