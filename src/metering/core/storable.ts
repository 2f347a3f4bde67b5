import { modelName } from '#kernel/ids.ts'
import type { RequestRecord } from '#kernel/words.ts'

/** Names and reasons longer than this are cut: a caller chooses them, a ledger keeps them for years. */
const maxTextLength = 500

/**
 * The record as every database takes it. Callers write any text as a model's name: PostgreSQL refuses zero characters,
 * and the journal has a longest line. Nearly always the same object.
 */
export function storable(record: RequestRecord): RequestRecord {
  const { model, upstreamModel, reason } = record
  if (isStorable(model) && isStorable(upstreamModel) && isStorable(reason)) return record
  return { ...record, model: modelName(cut(model)), upstreamModel: cutOrNull(upstreamModel), reason: cutOrNull(reason) }
}

function isStorable(text: string | null): boolean {
  return text === null || (text.length <= maxTextLength && !text.includes('\0'))
}

function cut(text: string): string {
  return text.slice(0, maxTextLength).replaceAll('\0', '\uFFFD')
}

function cutOrNull(text: string | null): string | null {
  return text === null ? null : cut(text)
}
