import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { concat } from '../json/bytes.ts'
import { boundaryOf, editedLength, formType, modelEdits, MultipartScan, type Edit, type Part } from './multipart.ts'

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
const field = (name: string, value: string) =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
const file = (content: string, name = 'file') =>
  `--b\r\nContent-Disposition: form-data; name="${name}"; filename="a.wav"\r\n` +
  `Content-Type: audio/wav\r\n\r\n${content}\r\n`
const end = '--b--\r\n'

function scan(pieces: readonly Uint8Array[], boundary = 'b'): readonly Part[] {
  const scanner = new MultipartScan({ boundary, valuesOf: new Set(['model', 'stream']) })
  for (const piece of pieces) scanner.push(piece)
  return scanner.finish()
}

const scanText = (text: string, boundary?: string) => scan([bytesOf(text)], boundary)

function edited(bytes: Uint8Array, edits: readonly Edit[]): string {
  const parts: Uint8Array[] = []
  let kept = 0
  for (const edit of edits) {
    parts.push(bytes.subarray(kept, edit.start), edit.bytes)
    kept = edit.end
  }
  const whole = concat([...parts, bytes.subarray(kept)])
  expect(whole.length).toBe(editedLength(bytes.length, edits))
  return Buffer.from(whole).toString('latin1')
}

const nasty = 'RIFF\r\n--\r\n--a\r\n-\r\n\r\n\0\xff--b\r--b\n--b \r\n--'

describe('a form', () => {
  test.each([
    ['before the file', field('model', 'whisper') + file(nasty) + end],
    ['after the file', file(nasty) + field('model', 'whisper') + end],
    ['with fields between that are not read', field('prompt', 'x') + field('model', 'whisper') + file(nasty) + end],
  ])('is read the same wherever it is cut, the model %s', (_, text) => {
    const bytes = bytesOf(text)
    const whole = scan([bytes])
    expect(whole.find(({ name }) => name === 'model')?.value).toBe('whisper')
    const audio = whole.find(({ name }) => name === 'file')
    expect(Buffer.from(bytes.subarray(audio?.start, audio?.end)).toString('latin1')).toBe(nasty)
    for (let at = 1; at < bytes.length; at++)
      expect(scan([bytes.subarray(0, at), bytes.subarray(at)])).toEqual([...whole])
    expect(scan([...bytes].map((byte) => new Uint8Array([byte])))).toEqual([...whole])
  })

  test('is read the same in any pieces, whatever its file holds', () => {
    const piece = fc.constantFrom('\r', '\n', '--b', '\r\n--', 'x', '\0', '-')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.array(fc.nat(200), { maxLength: 8 }), (content, cuts) => {
        const inside = content.join('')
        fc.pre(!`\r\n${inside}\r\n--b`.slice(0, -3).includes('\r\n--b'))
        const bytes = bytesOf(file(inside) + field('model', 'm') + end)
        const at = [0, ...[...cuts].sort((a, b) => a - b).map((cut) => Math.min(cut, bytes.length)), bytes.length]
        const parts = scan(at.slice(1).map((to, index) => bytes.subarray(at[index], to)))
        expect(parts.map(({ name, value }) => [name, value])).toEqual([
          ['file', null],
          ['model', 'm'],
        ])
      }),
    )
  })

  test('keeps every other byte when its model is replaced, however often it stands there', () => {
    const text = field('model', 'one') + file(nasty) + field('model', '') + end
    const edits = modelEdits(scanText(text), 'a-longer-name')
    expect(edited(bytesOf(text), edits)).toBe(
      field('model', 'a-longer-name') + file(nasty) + field('model', 'a-longer-name') + end,
    )
  })

  test('may hold another form as a part', () => {
    const inner = '--c\r\nContent-Disposition: form-data; name="model"\r\n\r\ninner\r\n--c--\r\n'
    const parts = scanText(file(inner) + field('model', 'outer') + end)
    expect(parts.map(({ name, value }) => [name, value])).toEqual([
      ['file', null],
      ['model', 'outer'],
    ])
  })

  test('may have an empty file, fields without quotes and a line end before it', () => {
    const text = `\r\n${file('')}--b\r\nCONTENT-disposition: form-data; NAME=model\r\n\r\nm\r\n--b--`
    expect(scanText(text).map(({ name, start, end: to, value }) => [name, to - start, value])).toEqual([
      ['file', 0, null],
      ['model', 1, 'm'],
    ])
  })

  const disposition = (line: string) => `--b\r\n${line}\r\n\r\nm\r\n${end}`
  test.each([
    ['that is cut', field('model', 'm')],
    ['that is empty', ''],
    ['with text before it', `hello\r\n${field('model', 'm')}${end}`],
    ['with text behind it', `${field('model', 'm')}${end}--b\r\nmore`],
    ['with bare line feeds', (field('model', 'm') + end).replaceAll('\r\n', '\n')],
    ['with a longer boundary', `--bc\r\nContent-Disposition: form-data; name="model"\r\n\r\nm\r\n--bc--`],
    ['with a part without a disposition', disposition('Content-Type: text/plain')],
    ['with a part without a name', disposition('Content-Disposition: form-data')],
    ['with another kind of part', disposition('Content-Disposition: attachment; name="model"')],
    ['with two names in a part', disposition('Content-Disposition: form-data; name="a"; name="model"')],
    ['with an extended name', disposition(`Content-Disposition: form-data; name="a"; name*=utf-8''model`)],
    ['with a backslash in a name', disposition('Content-Disposition: form-data; name="mo\\del"')],
    ['with an open quote', disposition('Content-Disposition: form-data; name="model')],
    [
      'with two dispositions',
      disposition('Content-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="model"'),
    ],
    ['with a folded head', disposition('Content-Disposition: form-data;\r\n name="model"')],
    [
      'with a coded field',
      disposition('Content-Disposition: form-data; name="model"\r\nContent-Transfer-Encoding: base64'),
    ],
    ['with a head that never ends', `--b\r\n${'x'.repeat(20_000)}`],
    ['with too many parts', field('a', '').repeat(1001) + end],
    ['with a model of many letters', field('model', 'm'.repeat(5000)) + end],
  ])('%s is refused', (_, text) => {
    expect(() => scanText(text)).toThrow('The form in the request')
  })
})

describe('a boundary', () => {
  test.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['Multipart/Form-Data; charset=utf-8; Boundary="a b:c"', 'a b:c'],
    ['multipart/form-data;boundary=----WebKitFormBoundary7MA4;', '----WebKitFormBoundary7MA4'],
  ])('is found in %s', (type, boundary) => {
    expect(boundaryOf(type)).toBe(boundary)
    expect(boundaryOf(formType(boundary))).toBe(boundary)
  })

  test.each([
    [null],
    ['application/json'],
    ['multipart/mixed; boundary=abc'],
    ['multipart/form-data'],
    ['multipart/form-data; boundary=a; boundary=b'],
    ['multipart/form-data; boundary="a'],
    ['multipart/form-data; boundary=""'],
    ['multipart/form-data; boundary="a "'],
    [`multipart/form-data; boundary=${'a'.repeat(71)}`],
  ])('is missed in %s', (type) => {
    expect(() => boundaryOf(type)).toThrow('The form in the request')
  })
})
