import type { DataClass } from '#kernel/words.ts'
import type { PrivacyPolicy } from '../../contract.ts'

/** A request that must not leave at all. */
export interface ClosedRow {
  readonly id: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly data: readonly DataClass[]
}

const encoder = new TextEncoder()
const json = { 'content-type': 'application/json' }
const chat = (content: unknown, more: object = {}): Uint8Array =>
  encoder.encode(JSON.stringify({ model: 'captive', messages: [{ role: 'user', content }], ...more }))

/** What is refused whatever it holds, and what holds a value where nothing can be replaced. `value`: an address. */
export function closedRows(value: string, policy: PrivacyPolicy): readonly ClosedRow[] {
  const of = (id: string, row: Partial<ClosedRow>): ClosedRow => ({
    id,
    path: '/chat/completions',
    headers: json,
    body: chat('Hello.'),
    data: ['text'],
    ...row,
  })
  const classes = (['audio', 'transcript', 'image', 'file'] as const).filter((data) => policy.cloud[data] === 'refuse')
  const picture = `data:image/png;base64,${'iVBORw0KGgoAAAANSUhEUgAA'.repeat(4)}`
  return [
    ...classes.map((data) => of(data, { data: ['text', data] })),
    ...(policy.cloud.image === 'refuse'
      ? [of('embedded-image', { body: chat([{ type: 'image_url', image_url: { url: picture } }]) })]
      : []),
    of('broken-json', { body: encoder.encode(`{"messages":[{"role":"user","content":"${value}"`) }),
    of('not-utf8', { body: new Uint8Array([...chat(value), 0xff, 0xfe]) }),
    of('unknown-type', { headers: { 'content-type': 'application/msgpack' }, body: encoder.encode(value) }),
    of('form-field', formOf(value)),
    of('header', { headers: { ...json, 'x-title': `for ${value}` } }),
    of('tokens', { path: '/completions', body: encoder.encode('{"model":"captive","prompt":[[1,2,3]]}') }),
  ]
}

function formOf(value: string): Partial<ClosedRow> {
  const field = (name: string, text: string): string =>
    `--captive\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`
  return {
    path: '/files',
    headers: { 'content-type': 'multipart/form-data; boundary=captive' },
    body: encoder.encode(`${field('purpose', 'assistants')}${field('note', value)}--captive--\r\n`),
  }
}
