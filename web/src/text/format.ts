import { strings } from '../strings.ts'

const locale = () => (strings.language === 'en' ? undefined : strings.language)

/** 1_610_612_736 → `1.5 GiB`; null → unknown. */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return strings.unknown
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let size = value
  let unit = 0
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024
    unit += 1
  }
  const digits = unit > 0 && size < 10 ? 1 : 0
  return `${new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(size)} ${units[unit]}`
}

export function number(value: number): string {
  return new Intl.NumberFormat(locale()).format(value)
}

/** Millionths of a US dollar: $0.0042; below a hundredth of a cent it says so. */
export function money(micros: number): string {
  const digits = micros !== 0 && micros < 10_000 ? 4 : 2
  if (micros > 0 && micros < 100) return `< ${money(100)}`
  const style = { style: 'currency', currency: 'USD', minimumFractionDigits: digits, maximumFractionDigits: digits }
  return new Intl.NumberFormat(locale(), style as Intl.NumberFormatOptions).format(micros / 1e6)
}

/** Dollars as a price list has them: $3.00, $0.075, $0.00. */
export function dollars(value: number): string {
  const style = { style: 'currency', currency: 'USD', minimumFractionDigits: 2, maximumFractionDigits: 6 }
  return new Intl.NumberFormat(locale(), style as Intl.NumberFormatOptions).format(value)
}

/** 131,072 → `131K`; 1,048,576 → `1.05M`. */
export function compact(value: number): string {
  return new Intl.NumberFormat(locale(), { notation: 'compact', maximumSignificantDigits: 3 }).format(value)
}

export function percent(share: number): string {
  return new Intl.NumberFormat(locale(), { style: 'percent' }).format(share)
}

/** < 1 ms, 420 ms, 8 s, 3 min 20 s, 2 h 5 min: what a person waits or waited. */
export function duration(ms: number): string {
  if (ms > 0 && ms < 0.95) return '< 1 ms'
  const seconds = Math.max(0, ms) / 1000
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`
  if (seconds < 60) return `${Math.round(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  const restSeconds = Math.round(seconds % 60)
  if (minutes < 60) return restSeconds === 0 ? `${minutes} min` : `${minutes} min ${restSeconds} s`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  return strings.days(Math.round(hours / 24))
}

/** `10:41` today, `Nov 3, 10:41` else; with seconds where the moment matters. */
export function moment(at: string | number, options: { readonly withSeconds?: boolean } = {}): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return strings.unknown
  const time: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' }
  if (options.withSeconds) time.second = '2-digit'
  if (date.toDateString() === new Date().toDateString()) return new Intl.DateTimeFormat(locale(), time).format(date)
  const isThisYear = date.getFullYear() === new Date().getFullYear()
  const day: Intl.DateTimeFormatOptions = { month: 'short', day: 'numeric' }
  if (!isThisYear) day.year = 'numeric'
  return new Intl.DateTimeFormat(locale(), isThisYear ? { ...day, ...time } : day).format(date)
}

/** `3 minutes ago`, `in 2 days`. */
export function ago(at: string | number, now: number = Date.now()): string {
  const seconds = (new Date(at).getTime() - now) / 1000
  if (!Number.isFinite(seconds)) return strings.unknown
  const format = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' })
  const steps: readonly [number, Intl.RelativeTimeFormatUnit][] = [
    [60, 'second'],
    [3600, 'minute'],
    [86_400, 'hour'],
    [86_400 * 30, 'day'],
    [86_400 * 365, 'month'],
    [Number.POSITIVE_INFINITY, 'year'],
  ]
  let divisor = 1
  for (const [limit, unit] of steps) {
    if (Math.abs(seconds) < limit) return format.format(Math.round(seconds / divisor), unit)
    divisor = limit
  }
  return strings.unknown
}
