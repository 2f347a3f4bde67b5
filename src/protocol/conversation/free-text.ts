/**
 * The free text of a custom tool, out of the arguments of the function that stands for it elsewhere: `{"input":"…"}`
 * becomes `…`, piece by piece as it streams. Arguments that are not of that form are the text themselves.
 *
 * States: *opening* (it may still be either) → *inside* the string → *closed* (the rest is punctuation) or → *plain*.
 */
export class FreeText {
  #state: 'opening' | 'inside' | 'closed' | 'plain' = 'opening'
  /** What was not judged yet: the opening, or an escape that is cut in two. */
  #held = ''

  push(text: string): string {
    if (this.#state === 'plain') return text
    if (this.#state === 'closed') return ''
    this.#held += text
    if (this.#state === 'opening' && !this.#open()) return this.#state === 'opening' ? '' : this.#rest()
    return this.#decode()
  }

  /** What is left at the end: an opening that led to nothing. */
  flush(): string {
    if (this.#state !== 'opening') return ''
    this.#state = 'plain'
    const rest = this.#rest()
    // Arguments that are an object without the text: nothing was said.
    return rest.trim() === '{}' ? '' : rest
  }

  /** True once the string's first character is next. */
  #open(): boolean {
    const opened = /^\s*\{\s*"input"\s*:\s*"/.exec(this.#held)
    if (opened) {
      this.#held = this.#held.slice(opened[0].length)
      this.#state = 'inside'
      return true
    }
    if (!mayOpen(this.#held)) this.#state = 'plain'
    return false
  }

  #decode(): string {
    let end = 0
    while (end < this.#held.length) {
      const character = this.#held[end]
      if (character === '"') {
        this.#state = 'closed'
        break
      }
      if (character !== '\\') end += 1
      else {
        const length = this.#held[end + 1] === 'u' ? 6 : 2
        if (end + length > this.#held.length) break
        end += length
      }
    }
    const whole = this.#held.slice(0, end)
    this.#held = this.#state === 'closed' ? '' : this.#held.slice(end)
    return unescaped(whole)
  }

  #rest(): string {
    const rest = this.#held
    this.#held = ''
    return rest
  }
}

/** All at once, for answers that do not stream. */
export function freeTextOf(text: string): string {
  const free = new FreeText()
  return free.push(text) + free.flush()
}

/** Whether the text so far could still become `{"input":"`. */
function mayOpen(text: string): boolean {
  const squeezed = text.replaceAll(/\s/g, '')
  return squeezed === '{}' || '{"input":"'.startsWith(squeezed)
}

/** Models write line breaks into strings as they are, which JSON forbids. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  return text.replaceAll(/\\(u[0-9a-fA-F]{4}|[\s\S])/g, (_, code: string) =>
    code.length === 5 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (escapes[code] ?? code),
  )
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }
