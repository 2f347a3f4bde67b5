import type { ScopeVault } from '../contract.ts'
import { createThinkingEcho, type ThinkingEcho } from '../core/rehydrate/thinking-echo.ts'

/** Of the whole house, in memory: after a restart a signed thought is scrubbed like any text. */
const limits = { thoughts: 20_000, length: 64 * 2 ** 20 }

/** Thoughts as vendors signed them, for all scopes; the oldest go first. */
export class ThinkingEchoes {
  readonly #all = createThinkingEcho(limits)

  of({ id }: ScopeVault): ThinkingEcho {
    return {
      put: (signature, thinking) => this.#all.put(`${id} ${signature}`, thinking),
      get: (signature) => this.#all.get(`${id} ${signature}`),
    }
  }
}
