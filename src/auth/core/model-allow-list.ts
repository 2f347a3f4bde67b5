import type { ModelName } from '#kernel/ids.ts'

/**
 * Which models a key may use: exact names, and patterns in which `*` stands for any text, slashes too
 * (`office-vllm/*`, `*-mini`). null = all. Made once for each key; asking costs a set look-up and, with patterns,
 * a few comparisons: no regular expression, whose time a pattern of many stars could blow up.
 */
export function compileAllowList(models: readonly string[] | null): (model: ModelName) => boolean {
  if (models === null || models.includes('*')) return () => true
  const exact = new Set(models.filter((model) => !model.includes('*')))
  const patterns = models.filter((model) => model.includes('*')).map((model) => model.split('*'))
  if (patterns.length === 0) return (model) => exact.has(model)
  return (model) => exact.has(model) || patterns.some((pieces) => matches(pieces, model))
}

/**
 * Greedy from the left: the first piece stands at the beginning, the last at the end, those between at the earliest
 * place.
 */
function matches(pieces: readonly string[], text: string): boolean {
  const first = pieces[0] ?? ''
  const last = pieces.at(-1) ?? ''
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  const end = text.length - last.length
  let at = first.length
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at)
    if (found < 0 || found + piece.length > end) return false
    at = found + piece.length
  }
  return true
}
