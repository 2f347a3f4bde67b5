import { expect, test } from 'bun:test'
import { chooseFiles, modelIdFor, parsePullRef, type HubFile } from './reference.ts'

const parsed = [
  ['org/repo', { repo: 'org/repo', revision: 'main', wanted: null }],
  ['org/repo:a-Q8_0.gguf', { repo: 'org/repo', revision: 'main', wanted: { kind: 'file', name: 'a-Q8_0.gguf' } }],
  ['org/repo:dir/a.gguf', { repo: 'org/repo', revision: 'main', wanted: { kind: 'file', name: 'dir/a.gguf' } }],
  ['org/repo:Q4_K_M', { repo: 'org/repo', revision: 'main', wanted: { kind: 'quant', name: 'Q4_K_M' } }],
  ['org/repo@refs/pr/1:Q8_0', { repo: 'org/repo', revision: 'refs/pr/1', wanted: { kind: 'quant', name: 'Q8_0' } }],
  ['hf.co/org/repo:Q8_0', { repo: 'org/repo', revision: 'main', wanted: { kind: 'quant', name: 'Q8_0' } }],
  ['https://huggingface.co/org/repo', { repo: 'org/repo', revision: 'main', wanted: null }],
  [
    'https://huggingface.co/org/repo/blob/main/dir/a.gguf',
    { repo: 'org/repo', revision: 'main', wanted: { kind: 'file', name: 'dir/a.gguf' } },
  ],
] as const

test.each(parsed)('%s is understood', (text, ref) => {
  expect(parsePullRef(text)).toEqual(ref as ReturnType<typeof parsePullRef>)
})

const refused = [
  '',
  'repo',
  'a/b/c',
  '../b',
  'a/..',
  'a/b:../c.gguf',
  'a/b:/etc/x.gguf',
  'a/b@../x:Q8',
  'a/b:c\\d.gguf',
  'a/b:\u0000.gguf',
  '-a/b',
]

test.each(refused)('%j is refused, and the answer shows the forms', (text) => {
  expect(() => parsePullRef(text)).toThrow(/org\/repo|climb/)
})

const file = (path: string): HubFile => ({ path, sizeBytes: 1000, sha256: null })
const many = ['M-Q4_K_M.gguf', 'M-Q8_0.gguf', 'M-UD-Q4_K_M.gguf', 'mmproj-M-f16.gguf', 'README.md', '../evil.gguf'].map(
  file,
)
const split = [
  'big/B-Q4_K_M-00002-of-00002.gguf',
  'big/B-Q4_K_M-00001-of-00002.gguf',
  'B-Q8_0-00001-of-00003.gguf',
].map(file)

const choices = [
  { ref: 'o/r:M-Q8_0.gguf', files: many, chosen: ['M-Q8_0.gguf'] },
  { ref: 'o/r:q8_0', files: many, chosen: ['M-Q8_0.gguf'] },
  { ref: 'o/r:Q4_K_M', files: many, chosen: ['M-Q4_K_M.gguf'] },
  { ref: 'o/r:UD-Q4_K_M', files: many, chosen: ['M-UD-Q4_K_M.gguf'] },
  { ref: 'o/r', files: [file('only.gguf'), file('mmproj.gguf')], chosen: ['only.gguf'] },
  { ref: 'o/r:Q4_K_M', files: split, chosen: ['big/B-Q4_K_M-00001-of-00002.gguf', 'big/B-Q4_K_M-00002-of-00002.gguf'] },
  {
    ref: 'o/r:big/B-Q4_K_M-00002-of-00002.gguf',
    files: split,
    chosen: ['big/B-Q4_K_M-00001-of-00002.gguf', 'big/B-Q4_K_M-00002-of-00002.gguf'],
  },
] as const

test.each(choices)('$ref chooses $chosen', ({ ref, files, chosen }) => {
  expect(chooseFiles(parsePullRef(ref), files).map((one) => one.path)).toEqual([...chosen])
})

const impossible = [
  { ref: 'o/r', files: many, says: 'Q4_K_M (1000 B), Q8_0 (1000 B)' },
  { ref: 'o/r:M-Q8_1.gguf', files: many, says: 'Did you mean M-Q8_0.gguf' },
  { ref: 'o/r:Q2_K', files: many, says: 'no "Q2_K"' },
  { ref: 'o/r:Q8_0', files: split, says: '1 of the 3 parts' },
  { ref: 'o/r', files: [file('README.md')], says: 'no GGUF file' },
] as const

test.each(impossible)('$ref cannot be chosen, and the answer says: $says', ({ ref, files, says }) => {
  expect(() => chooseFiles(parsePullRef(ref), files)).toThrow(says)
})

test('a model is named for its file', () => {
  expect(modelIdFor('big/Qwen3-0.6B-Q8_0-00001-of-00002.gguf')).toBe('qwen3-0.6b-q8_0')
  expect(modelIdFor('__.gguf')).toBe('model')
})
