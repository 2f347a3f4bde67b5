/** How failures of one account, or of one address, make the next attempt wait. */
export interface LockOutRule {
  /** Failures that cost nothing. */
  readonly free: number
  readonly firstWaitMs: number
  readonly mostWaitMs: number
  /** Without a failure for so long, all is forgotten. */
  readonly forgetMs: number
}

/** 5 are free, the next waits 5 s, each further one twice as long, never longer than 15 min. */
export const accountRule: LockOutRule = {
  free: 5,
  firstWaitMs: 5000,
  mostWaitMs: 15 * 60_000,
  forgetMs: 24 * 3_600_000,
}

/** An address may be that of a whole office; but whoever tries many accounts from there is slowed down. */
export const addressRule: LockOutRule = {
  free: 30,
  firstWaitMs: 5000,
  mostWaitMs: 15 * 60_000,
  forgetMs: 3_600_000,
}

/** After that many failures in a row; 0 = the next may be tried at once. */
export function waitAfter(failures: number, rule: LockOutRule): number {
  if (failures < rule.free) return 0
  // Beyond 30 doublings the number would leave the exact ones; the most is reached long before.
  const doublings = Math.min(failures - rule.free, 30)
  return Math.min(rule.firstWaitMs * 2 ** doublings, rule.mostWaitMs)
}

/** What is counted as one address: of IPv6 the /64, which one customer has whole. */
export function addressOf(from: string): string {
  const plain = from.startsWith('::ffff:') && from.includes('.') ? from.slice(7) : from
  if (!plain.includes(':')) return plain
  const [head = '', tail] = plain.split('%')[0]?.split('::') ?? []
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  const groups = [...left, ...zeros, ...right].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, '').toLowerCase())
  return `${groups.join(':')}::/64`
}
