/**
 * Thoughts that a vendor signed, as it wrote them. The caller sees them with values put back, and sends them again with
 * the next turn; a vendor refuses a thought that is not, letter by letter, what it signed. So whoever hides values of
 * that turn asks here first. One for each scope; the oldest go when there are too many.
 */
export interface ThinkingEcho {
  put(signature: string, thinking: string): void
  /** null: it came as the caller has it, or it is forgotten. */
  get(signature: string): string | null
}

export interface EchoLimits {
  readonly thoughts: number
  /** Characters of all thoughts and signatures. */
  readonly length: number
}

export const usualEchoLimits: EchoLimits = { thoughts: 256, length: 4 * 1024 * 1024 }

export function createThinkingEcho(limits: EchoLimits = usualEchoLimits): ThinkingEcho {
  const thoughts = new Map<string, string>()
  let length = 0
  const forget = (signature: string): void => {
    const thinking = thoughts.get(signature)
    if (thinking === undefined) return
    thoughts.delete(signature)
    length -= signature.length + thinking.length
  }
  return {
    put(signature, thinking) {
      forget(signature)
      if (signature.length + thinking.length > limits.length) return
      thoughts.set(signature, thinking)
      length += signature.length + thinking.length
      for (const oldest of thoughts.keys()) {
        if (thoughts.size <= limits.thoughts && length <= limits.length) return
        forget(oldest)
      }
    },
    get: (signature) => thoughts.get(signature) ?? null,
  }
}
