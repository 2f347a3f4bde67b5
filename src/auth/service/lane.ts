/**
 * One after the other, in the order of asking: two rotations of one key must not end in memory and on disk in different
 * orders.
 */
export type Lane = <T>(work: () => Promise<T>) => Promise<T>

export function createLane(): Lane {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const result = last.then(work)
    last = result.catch(() => {})
    return result
  }
}
