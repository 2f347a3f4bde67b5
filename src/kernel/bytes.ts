const unitBytes: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
}

/** `512MiB`, `1.5 GiB`, `24GB`, `1024` (bytes) → bytes; null when it is none of these. */
export function parseBytes(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]i?B|B)?$/.exec(text.trim())
  if (!match) return null
  const [, amount = '', unit = 'B'] = match
  return Math.round(Number(amount) * (unitBytes[unit] ?? 1))
}

/** 1_610_612_736 → `1.5 GiB`, for sentences. */
export function formatBytes(bytes: number): string {
  for (const unit of ['TiB', 'GiB', 'MiB', 'KiB'] as const) {
    const size = unitBytes[unit] ?? 1
    if (bytes >= size) return `${Number((bytes / size).toFixed(bytes / size < 10 ? 1 : 0))} ${unit}`
  }
  return `${bytes} B`
}
