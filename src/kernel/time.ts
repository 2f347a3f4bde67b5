/** Milliseconds since 1970-01-01 UTC, whole. */
export type EpochMs = number
/** Milliseconds of a clock that never jumps; only differences mean something. */
export type MonoMs = number

/** The clock as a parameter: tests move it by hand, `platform/clock.ts` reads the real one. */
export interface Clock {
  now(): EpochMs
  mono(): MonoMs
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `500ms`, `60s`, `10m`, `1.5h`, `7d` → milliseconds; null when it is none of these. */
export function parseDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(text.trim())
  if (!match) return null
  const [, amount = '', unit = ''] = match
  return Math.round(Number(amount) * (unitMs[unit] ?? 0))
}

/** 90_000 → `1m30s`, for sentences. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`
  const hours = Math.floor(minutes / 60)
  return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`
}
