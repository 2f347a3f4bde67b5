import { describe, expect, test } from 'bun:test'
import { embeddedClasses } from './embedded.ts'
import { readPayload } from './request.ts'

const noise = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => (at * at * 89 + at * 7) % 256)
const file = (...head: readonly (number | string)[]): string => {
  const beginning = head.flatMap((each) => (typeof each === 'number' ? [each] : [...Buffer.from(each, 'latin1')]))
  return Buffer.from([...beginning, ...noise(600)]).toString('base64')
}
const png = file('\x89PNG\r\n\x1a\n')
const inLines = png.replace(/.{76}/g, '$&\r\n')

const files = [
  ['PNG', png, 'image'],
  ['GIF', file('GIF89a'), 'image'],
  ['JPEG', file(0xff, 0xd8, 0xff, 0xe0), 'image'],
  ['BMP', file('BM', 1, 2, 3, 0, 0, 0, 0, 0), 'image'],
  ['TIFF', file('II*', 0), 'image'],
  ['WebP', file('RIFF', 1, 2, 3, 4, 'WEBP'), 'image'],
  ['WAVE', file('RIFF', 1, 2, 3, 4, 'WAVE'), 'audio'],
  ['MP4', file(0, 0, 0, 32, 'ftypisom'), 'audio'],
  ['Ogg', file('OggS', 0), 'audio'],
  ['MP3', file('ID3', 4, 0), 'audio'],
  ['FLAC', file('fLaC', 0), 'audio'],
  ['WebM', file(0x1a, 0x45, 0xdf, 0xa3), 'audio'],
  ['PDF', file('%PDF-1.7'), 'file'],
  ['a document of Word', file('PK\x03\x04'), 'file'],
  ['gzip', file(0x1f, 0x8b, 8), 'file'],
] as const

describe('a file in a text is known for one:', () => {
  test.each(files)('%s, as bare Base64', (_, base64, kind) => {
    expect(embeddedClasses(base64)).toEqual([kind])
    expect(embeddedClasses(`This is it: ${base64}.`)).toEqual([kind])
  })

  test.each([
    ['in lines', inLines],
    ['behind a text', `data:text/plain;base64,${btoa('hello '.repeat(20))} data:image/png;base64,${png}`],
    ['in capitals', `DATA:image/png;BASE64,${png}`],
    ['short, as an address', `data:image/png;base64,${btoa('a picture of nobody at all, a small one')}`],
  ])('a picture %s', (_, text) => {
    expect(embeddedClasses(text)).toEqual(['image'])
  })

  test.each([
    ['what a tool says', JSON.stringify({ type: 'image', data: png })],
    ['with slashes escaped', JSON.stringify({ url: `data:image/png;base64,${png}` }).replaceAll('/', '\\/')],
  ])('a picture in JSON in a string: %s', (_, content) => {
    expect([...readPayload('chat', JSON.stringify({ messages: [{ content }] })).embedded]).toEqual(['image'])
  })
})

test.each([
  ['words', 'UEsDB and H4sI are how files begin, and AAAA is a battery. '.repeat(20)],
  ['a text in Base64', btoa('The committee met at nine. '.repeat(40))],
  ['a digest', 'sha512-AAAAB3NzaC1yc2EAAAADAQABAAABgQDx9Zq0v7K3nR5tYwQpLm8sHc1bVdXeGfJ2uAo4Ti6kMj0EyWzNrSPv'],
  ['a key of SSH', `ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ${'Dx9Zq0v7'.repeat(50)}`],
  ['an address of nothing', 'data:image/png;base64,'],
])('%s is no file', (_, text) => {
  expect(embeddedClasses(text)).toEqual([])
})

test.each([
  ['in a member that nobody knows', { data: png }, ['file']],
  ['with its type', { source: { type: 'base64', media_type: 'image/png', data: png } }, ['image']],
  ['of sound', { input_audio: { format: 'wav', data: png } }, ['audio']],
  ['of a vendor', { type: 'redacted_thinking', data: file('E') }, []],
])('what is sealed in `data` is a file unless it is a thought: %s', (_, part, kinds) => {
  expect<readonly string[]>([
    ...readPayload('messages', JSON.stringify({ messages: [{ content: [part] }] })).embedded,
  ]).toEqual(kinds)
})
