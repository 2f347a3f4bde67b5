import type { ScopeName, ScopeVault } from '../contract.ts'
import type { LiveTags } from '../core/words.ts'

/** Stands for a vault where nothing is to be put back: every value becomes its type, `[EMAIL]`, and none is kept. */
export function createMaskingVault(scope: ScopeName): ScopeVault {
  return {
    id: '',
    scope,
    size: 0,
    live: nothingLives,
    assign: ({ type }) => `[${type}]`,
    values: () => [],
  }
}

const nothingLives: LiveTags = {
  size: 0,
  labels: new Set(),
  isTagPrefix: () => false,
  resolve: () => null,
  forms: () => [],
}
