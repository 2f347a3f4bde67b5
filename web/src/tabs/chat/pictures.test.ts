import { describe, expect, test } from 'bun:test'
import { holdsFiles, picturesIn, readPicture } from './pictures.ts'

const file = (name: string, type: string, size = 3) => new File([new Uint8Array(size)], name, { type })

describe('a picture', () => {
  const refused: readonly (readonly [string, string, number, string])[] = [
    ['note.txt', 'text/plain', 3, 'note.txt is no picture this page can send: PNG, JPEG, WebP or GIF.'],
    ['drawing.svg', 'image/svg+xml', 3, 'drawing.svg is no picture this page can send: PNG, JPEG, WebP or GIF.'],
    ['huge.png', 'image/png', 32 * 2 ** 20 + 1, 'huge.png is larger than 32 MiB.'],
  ]
  test.each(refused)('%s of type %s with %d bytes is refused in words', async (name, type, size, message) => {
    expect(await readPicture(file(name, type, size))).toEqual({ kind: 'problem', message })
  })
})

describe('what is pasted or dropped', () => {
  const list = (...files: readonly File[]) => files as unknown as FileList

  test('gives its pictures, and leaves words to the text', () => {
    const picture = file('a.png', 'image/png')
    expect(picturesIn({ files: list(picture, file('a.html', 'text/html')) })).toEqual([picture])
    expect(picturesIn({ files: list() })).toEqual([])
    expect(picturesIn(null)).toEqual([])
  })

  test('is taken as files only where it holds files', () => {
    expect(holdsFiles({ types: ['Files'] })).toBe(true)
    expect(holdsFiles({ types: ['text/plain', 'text/html'] })).toBe(false)
  })
})
