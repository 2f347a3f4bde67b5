import type { KnownValue, NewValue, ScopeName, ScopeVault } from '../contract.ts'
import type { LiveTags } from '../core/words.ts'

/**
 * Stands for a vault where nothing is to be put back: every value becomes its type, `[EMAIL]`. The values are there for
 * the leak gate, and go with it.
 */
export function createMaskingVault(scope: ScopeName): ScopeVault {
  const values: KnownValue[] = []
  return {
    id: '',
    scope,
    get size() {
      return values.length
    },
    live: nothingLives,
    words: nothingLives,
    assign({ type, value, canonical }: NewValue) {
      values.push({ type, value, canonical })
      return `[${type}]`
    },
    values: () => values,
  }
}

const nothingLives: LiveTags = {
  size: 0,
  labels: new Set(),
  isTagPrefix: () => false,
  resolve: () => null,
  forms: () => [],
}
