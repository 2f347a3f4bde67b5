const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Texts that travel as base64, in either alphabet; null: it is none, or what is in it is no UTF-8. */
export function decodeBase64Text(base64: string): string | null {
  const letters = base64.replace(/[\s=]/g, '').replaceAll('-', '+').replaceAll('_', '/')
  const bytes = new Uint8Array(Math.floor((letters.length * 3) / 4))
  let bits = 0
  let held = 0
  let at = 0
  for (const letter of letters) {
    const value = alphabet.indexOf(letter)
    if (value < 0) return null
    bits = ((bits << 6) | value) & 0xffff
    held += 6
    if (held < 8) continue
    held -= 8
    bytes[at++] = (bits >> held) & 0xff
  }
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

export function encodeBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const bits = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    const letters = [18, 12, 6, 0].map((shift) => alphabet[(bits >> shift) & 63]).join('')
    text += at + 2 < bytes.length ? letters : letters.slice(0, bytes.length - at + 1).padEnd(4, '=')
  }
  return text
}
