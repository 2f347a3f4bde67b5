import type { JsonPath } from '#protocol/json/leaves.ts'
import { isObject, objectOf } from '#protocol/json/members.ts'

/** Pictures, recordings and files that stand in a request without being named as what they are. */

export type EmbeddedClass = 'image' | 'audio' | 'file'

/** Classes of what stands in a text: as `data:` addresses, and as bare Base64 that begins like a file. */
export function embeddedClasses(value: string): readonly EmbeddedClass[] {
  if (value.length < leastChars) return []
  const found = new Set<EmbeddedClass>()
  for (const [, type = ''] of value.matchAll(dataAddress)) {
    const named = classOfType(type.toLowerCase())
    if (named !== null) found.add(named)
  }
  for (const { 0: run, index } of value.matchAll(beginningOfFile))
    if (reaches(value, index + run.length)) found.add(begunClass(run, value.slice(index, index + 16)))
  return [...found]
}

const leastChars = 32

const dataAddress = /data:([a-z]+)\/[\w.+-]{1,100}(?:;[\w=.+-]{1,100}){0,8};base64,\s{0,4}[A-Za-z0-9+/_=-]{32}/gi

/** null: text, which is looked at as such. */
function classOfType(type: string): EmbeddedClass | null {
  if (type.startsWith('text')) return null
  if (type.startsWith('image')) return 'image'
  return type.startsWith('audio') || type.startsWith('video') ? 'audio' : 'file'
}

/**
 * The first bytes of files, as Base64 writes them: PNG, GIF, JPEG, TIFF (both orders), BMP, RIFF; ISO media, Ogg, ID3,
 * FLAC, Matroska; PDF, ZIP (and all that is kept in one), gzip, OLE.
 */
const beginningOfFile = new RegExp(
  '(?<![A-Za-z0-9+/_-])(?:iVBORw0KG|R0lGOD|/9j/|SUkqA|TU0AK|Qk[0-3].{5}AAAA|UklGR|AAAA[\\w+/]GZ0eX|T2dnU|' +
    'SUQz[AB]|ZkxhQ|GkXfo|JVBERi|UEsDB|H4sI|0M8R4KG)',
  'g',
)

function begunClass(run: string, head: string): EmbeddedClass {
  // WAVE or WEBP stands at its ninth byte.
  if (run === 'UklGR') return head.slice(12, 16) === 'RUJQ' ? 'image' : 'audio'
  if (/^(iVBOR|R0lG|\/9j|SUkq|TU0A|Qk)/.test(run)) return 'image'
  return /^(AAAA|T2dn|SUQz|Zkxh|GkXf)/.test(run) ? 'audio' : 'file'
}

/** Less than this is a word that happens to begin so. */
const leastRun = 200

/** Whether Base64 goes on from here for long enough, in one line or in many. */
function reaches(value: string, from: number): boolean {
  let length = 0
  for (let at = from; at < value.length && length < leastRun; at++) {
    const code = value.charCodeAt(at)
    if (code === 0x0a || code === 0x0d) continue
    if (!isBase64(code)) return false
    length++
  }
  return length >= leastRun
}

const isBase64 = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x2f && code <= 0x39) ||
  code === 0x2b ||
  code === 0x2d ||
  code === 0x5f

/** `data` that nobody can read, where it is not a vendor's thought: a file. null: it is the vendor's own. */
export function sealedClass(body: unknown, path: JsonPath): EmbeddedClass | null {
  if (path.at(-1) !== 'data') return null
  const holder = path.slice(0, -1).reduce<unknown>(memberOf, body)
  const block = objectOf(holder)
  if (block?.['type'] === 'redacted_thinking') return null
  const type = block?.['media_type'] ?? block?.['mime_type'] ?? block?.['mimeType']
  if (typeof type === 'string') return classOfType(type.toLowerCase()) ?? 'file'
  // OpenAI's `input_audio: { data, format }`.
  return path.at(-2) === 'input_audio' || path.at(-2) === 'audio' ? 'audio' : 'file'
}

function memberOf(value: unknown, name: string | number): unknown {
  if (Array.isArray(value)) return typeof name === 'number' ? value[name] : undefined
  return isObject(value) && typeof name === 'string' && Object.hasOwn(value, name) ? value[name] : undefined
}
