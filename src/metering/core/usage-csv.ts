import type { UsageGrouping } from '#protocol/admin/metering.ts'
import type { UsageGroup } from './usage.ts'

const columns = ['requests', 'failed', 'prompt_tokens', 'completion_tokens', 'cached_tokens', 'cost_usd'] as const

/** RFC 4180. Keys have a column for their name; an unknown cost is empty, never 0. */
export function usageCsv(
  by: UsageGrouping,
  groups: readonly UsageGroup[],
  keyName: (id: string) => string | null,
): string {
  const heads = by === 'key' ? [by, 'name', ...columns] : [by, ...columns]
  const lines = groups.map((group) => [
    cell(group.name),
    ...(by === 'key' ? [cell(keyName(group.name) ?? '')] : []),
    String(group.requests),
    String(group.failed),
    String(group.promptTokens),
    String(group.completionTokens),
    String(group.cachedTokens),
    group.costMicros === null ? '' : (group.costMicros / 1e6).toFixed(6),
  ])
  return [heads, ...lines].map((line) => `${line.join(',')}\r\n`).join('')
}

/** Callers choose these names: a spreadsheet would take some of them for a formula to run. */
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
