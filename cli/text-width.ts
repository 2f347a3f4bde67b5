/** The beginning of a text in so many columns, with `…` where something is missing. */
export function cutTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let cut = ''
  for (const character of text) {
    if (widthOf(cut) + widthOf(character) > width - 1) break
    cut += character
  }
  return `${cut}…`
}

/** Columns that a text takes: wide East Asian characters take two, combining marks none. */
export const widthOf = (text: string): number => Bun.stringWidth(text)

/** One line, without control characters: a name from elsewhere must not move the cursor. */
export const clean = (text: string): string => text.replace(/\s+/g, ' ').replace(/[\u0000-\u001f\u007f-\u009f]/g, '')

/** Lines of at most so many columns, broken at spaces. */
export function wrap(text: string, width: number | null): readonly string[] {
  if (width === null || width < 20) return [text]
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
