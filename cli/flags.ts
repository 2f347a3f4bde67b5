/** The options of one call, checked already; asking for one that the command does not declare is a bug. */
export interface Flags {
  has(name: string): boolean
  text(name: string): string | null
  number(name: string): number | null
  list(name: string): readonly string[]
}

export function createFlags(values: ReadonlyMap<string, readonly string[]>): Flags {
  const last = (name: string): string | null => values.get(name)?.at(-1) ?? null
  return {
    has: (name) => values.has(name),
    text: last,
    number: (name) => (last(name) === null ? null : Number(last(name))),
    list: (name) => values.get(name) ?? [],
  }
}
