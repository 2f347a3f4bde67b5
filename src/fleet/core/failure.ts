/** Words by which engines announce why they give up. */
const complaint = new RegExp(
  String.raw`\b(error|fail(ed|ure)?|invalid|cannot|can't|unable|unsupported|unknown|corrupt|truncated|not found|` +
    String.raw`no such|does not exist|out of memory|exception|abort(ed)?|denied|in use)\b`,
  'i',
)

const maxReasonChars = 600
const maxReasonLines = 3

/**
 * The lines of an engine's log that say why it ended: its complaints, else its last words; empty when it said nothing.
 */
export function reasonFrom(lines: readonly string[]): string {
  const told = lines.map((line) => withoutNoise(line)).filter((line) => line !== '' && !/^\s*at\s/.test(line))
  const complaints = told.filter((line) => complaint.test(line))
  const chosen = [...new Set((complaints.length > 0 ? complaints : told).slice(-maxReasonLines))].join(' · ')
  return chosen.length > maxReasonChars ? `${chosen.slice(0, maxReasonChars)}…` : chosen
}

/** How an engine ended, in words. */
export function exitText(exit: { readonly code: number | null; readonly signal: string | null }): string {
  if (exit.signal === 'SIGKILL') return 'was killed (SIGKILL; the system does that when memory runs out)'
  if (exit.signal !== null) return `was ended by ${exit.signal}`
  if (exit.code === 132 || exit.code === 136 || exit.code === 139)
    return `crashed in native code (exit code ${exit.code})`
  return `ended with exit code ${exit.code ?? 'unknown'}`
}

// Colours and times in front say nothing about the reason.
function withoutNoise(line: string): string {
  return line.replaceAll(/\u001b\[[0-9;]*m/g, '').trim()
}
