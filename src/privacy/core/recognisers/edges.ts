/** Where a value may begin and end. */

/**
 * ASCII letters, digits, `_`, and letters and digits of other scripts; not of those that write words without blanks
 * between them (Thai, Lao, Khmer, Chinese, Japanese, Korean): there a number touches the words around it.
 */
export function isWordCode(code: number): boolean {
  if (code < 128) return isAlphanumeric(code) || code === 95
  if (code >= 0x2e80 || (code >= 0x0e00 && code <= 0x0eff) || (code >= 0x1780 && code <= 0x17ff)) return false
  return /[\p{L}\p{N}]/u.test(String.fromCharCode(code))
}

export function isDigitCode(code: number): boolean {
  return code >= 48 && code <= 57
}

export function isAlphanumeric(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
}

/** No letter, digit or `_` touches it. */
export function isWhole(text: string, start: number, end: number): boolean {
  return (
    !(start > 0 && isWordCode(text.charCodeAt(start - 1))) && !(end < text.length && isWordCode(text.charCodeAt(end)))
  )
}

/**
 * Whole, and no part of a longer number, version, date or UUID: none of `. - / :` with digits behind it touches it, nor
 * a hyphen with four hexadecimal digits.
 */
export function standsAlone(text: string, start: number, end: number): boolean {
  if (!isWhole(text, start, end)) return false
  if (start > 1 && isJoint(text.charCodeAt(start - 1))) {
    if (isDigitCode(text.charCodeAt(start - 2))) return false
    if (text.charAt(start - 1) === '-' && isMixedHex(text.slice(Math.max(0, start - 5), start - 1))) return false
  }
  if (end + 1 < text.length && isJoint(text.charCodeAt(end))) {
    if (isDigitCode(text.charCodeAt(end + 1))) return false
    if (text.charAt(end) === '-' && isMixedHex(text.slice(end + 1, end + 5))) return false
  }
  return text.charAt(end) !== '%'
}

/** - . / : */
function isJoint(code: number): boolean {
  return (code >= 45 && code <= 47) || code === 58
}

function isMixedHex(text: string): boolean {
  return /^[0-9a-f]{4}$/i.test(text) && /\d/.test(text)
}
