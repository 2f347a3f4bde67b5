import { bytesText, secondsText } from './format.ts'
import { cutTo, widthOf } from './text-width.ts'

export interface Progress {
  readonly label: string
  readonly doneBytes: number
  readonly totalBytes: number | null
  readonly bytesPerSecond: number | null
  readonly etaSeconds: number | null
}

const widestBar = 40
const narrowestBar = 8

/** One line: label, bar, per cent, size, speed and time left; what does not fit is left out from the right. */
export function progressLine(progress: Progress, width: number): string {
  const share = shareOf(progress)
  const size = `${bytesText(progress.doneBytes)}${progress.totalBytes === null ? '' : ` of ${bytesText(progress.totalBytes)}`}`
  const speed = progress.bytesPerSecond === null ? '' : `${bytesText(progress.bytesPerSecond)}/s`
  const left = progress.etaSeconds === null ? '' : `${secondsText(progress.etaSeconds)} left`
  const percent = share === null ? '' : `${String(Math.floor(share * 100)).padStart(3)}%`
  const label = cutTo(progress.label, Math.max(10, Math.floor(width / 3)))
  const parts = [label, percent, size, speed, left].filter((part) => part !== '')
  while (parts.length > 1 && widthOf(parts.join('  ')) > width) parts.pop()
  const line = parts.join('  ')
  const room = Math.min(widestBar, width - widthOf(line) - 4)
  if (share === null || room < narrowestBar || parts.length < 2) return cutTo(line, width)
  return [label, bar(share, room), ...parts.slice(1)].join('  ')
}

function shareOf({ doneBytes, totalBytes }: Progress): number | null {
  return totalBytes === null || totalBytes <= 0 ? null : Math.min(1, Math.max(0, doneBytes / totalBytes))
}

/** `[#####-----]`; plain ASCII, because a terminal's font may have nothing else. */
function bar(share: number, width: number): string {
  const inner = width - 2
  const full = Math.floor(share * inner)
  return `[${'#'.repeat(full)}${'-'.repeat(inner - full)}]`
}
