export type Argv =
  | { readonly ok: true; readonly argv: readonly string[] }
  | { readonly ok: false; readonly why: string }

/** What only a shell could do with a word; nobody gets one, so these are refused where they stand bare. */
const shellWords = /^(\||\|\||&|&&|;|>|>>|<|2>&1|2>)$/

/**
 * Splits a command into words as a shell would, without being one: spaces separate, 'single' and "double" quotes hold
 * together, a backslash takes the next character as it is. Nothing is expanded: `$HOME`, `*` and `~` are plain
 * characters.
 */
export function splitArgv(command: string): Argv {
  const argv: string[] = []
  let word: string | null = null
  let quote: '"' | "'" | null = null
  let isBare = true
  for (let at = 0; at < command.length; at++) {
    const character = command[at] ?? ''
    if (quote === null && /\s/.test(character)) {
      if (word !== null && isBare && shellWords.test(word)) return refusal(word)
      if (word !== null) argv.push(word)
      word = null
      isBare = true
      continue
    }
    if (character === '\\' && quote !== "'") {
      if (at + 1 >= command.length) return { ok: false, why: 'it ends in a backslash' }
      const next = command[++at] ?? ''
      // A line that is continued on the next: the break is no character of a word.
      if (next === '\n') continue
      word = (word ?? '') + (quote === '"' && !'"\\$`'.includes(next) ? `\\${next}` : next)
      isBare = false
      continue
    }
    word ??= ''
    if (quote === null && (character === '"' || character === "'")) {
      quote = character
      isBare = false
    } else if (character === quote) {
      quote = null
    } else {
      word += character
    }
  }
  if (quote !== null) return { ok: false, why: `a quote (${quote}) is not closed` }
  if (word !== null && isBare && shellWords.test(word)) return refusal(word)
  if (word !== null) argv.push(word)
  return argv.length === 0 ? { ok: false, why: 'it is empty' } : { ok: true, argv }
}

function refusal(word: string): Argv {
  return { ok: false, why: `it holds ${word}, which only a shell understands, and no shell is used` }
}
