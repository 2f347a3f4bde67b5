/**
 * Base64 or base64url, padded or not, to one character per byte; null: it is none. Small pieces only (a header, a
 * pair of name and password).
 */
export function decodeBase64(text: string): string | null {
  const bare = text.replace(/={1,2}$/, '')
  if (bare.length % 4 === 1) return null
  let bytes = ''
  let bits = 0
  let held = 0
  for (let index = 0; index < bare.length; index++) {
    const value = valueOf(bare.charCodeAt(index))
    if (value < 0) return null
    held = ((held << 6) | value) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes += String.fromCharCode((held >> bits) & 255)
    }
  }
  return bytes
}

function valueOf(code: number): number {
  if (code >= 65 && code <= 90) return code - 65
  if (code >= 97 && code <= 122) return code - 71
  if (code >= 48 && code <= 57) return code + 4
  if (code === 43 || code === 45) return 62
  return code === 47 || code === 95 ? 63 : -1
}
