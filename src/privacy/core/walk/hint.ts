import { scanMembers, spliceMembers } from '#protocol/json/bytes.ts'
import type { PayloadApi } from './zones.ts'

/** What the model is told where something was replaced: without it some correct or explain the odd words. */
export const hint =
  'Words in brackets such as [PERSON_7KQ2] stand for real values that were replaced. Copy each of them exactly as it is ' +
  'wherever you mean its value, also in arguments of tools, and do not comment on them.'

const decoder = new TextDecoder()

/** The payload with the hint, where none of its texts is a place for it. `bytes` must be a JSON object. */
export function withHint(api: PayloadApi, bytes: Uint8Array): Uint8Array {
  const sentence = JSON.stringify(hint)
  switch (api) {
    case 'chat':
      return withEntry(bytes, 'messages', `{"role":"system","content":${sentence}}`, 'first')
    case 'messages':
      return hasMember(bytes, 'system')
        ? // Behind the marks for the vendor's cache.
          withEntry(bytes, 'system', `{"type":"text","text":${sentence}}`, 'last')
        : spliceMembers(bytes, { system: sentence })
    case 'responses':
      return spliceMembers(bytes, { instructions: sentence })
    case 'completions':
    case 'embeddings':
    case 'rerank':
    case 'other':
      return bytes
  }
}

const hasMember = (bytes: Uint8Array, name: string): boolean =>
  scanMembers(bytes).some((member) => member.name === name && bytes[member.start] === 0x5b)

/** The list of that name with one more entry. */
function withEntry(bytes: Uint8Array, name: string, entry: string, place: 'first' | 'last'): Uint8Array {
  const member = scanMembers(bytes).findLast((each) => each.name === name)
  if (member === undefined || bytes[member.start] !== 0x5b) return bytes
  const inside = decoder.decode(bytes.subarray(member.start + 1, member.end - 1)).trim()
  const entries = inside === '' ? [entry] : place === 'first' ? [entry, inside] : [inside, entry]
  return spliceMembers(bytes, { [name]: `[${entries.join(',')}]` })
}
