/**
 * Whether whole events are nothing but deltas of these names, one line of JSON each: then nothing in them ends, counts
 * or breaks anything, and who only watches need not parse them. Line ends inside of JSON are escaped.
 */
export function plainDeltas(names: readonly string[]): (events: string) => boolean {
  const name = names.map((each) => each.replaceAll('.', String.raw`\.`)).join('|')
  const only = new RegExp(String.raw`^(?:event: (?:${name})\ndata: \{[^\n]*\}\n\n)+$`)
  return (events) => only.test(events)
}
