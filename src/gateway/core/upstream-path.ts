/** How often a path may be coded: whoever codes more often hides something. */
const maxCodings = 4

/**
 * A path behind an upstream's base URL, as it stands in the request; null where some server could read it as leading
 * out of there. Slashes that are coded stay so: names of models hold them. `first` is the last step of the base URL
 * (`v1`), which may be said once more: clients want to be given an address that ends so.
 */
export function safeUpstreamPath(raw: string, first: string): string | null {
  if (raw === '' || !isSafe(raw)) return null
  const steps = raw.split('/')
  if (first !== '' && steps.length > 1 && steps[0] === first) steps.shift()
  return `/${steps.join('/')}`
}

function isSafe(raw: string): boolean {
  let path = raw
  for (let count = 0; count < maxCodings; count++) {
    // A last step may be empty: some servers know `/models` and `/models/` as two.
    const steps = path.split(/[/\\]/)
    if (path.includes('\\') || steps.some((step, index) => isBadStep(step, index === steps.length - 1))) return false
    const plain = decoded(path)
    if (plain === null) return false
    if (plain === path) return true
    path = plain
  }
  return false
}

function isBadStep(step: string, isLast: boolean): boolean {
  // Some servers cut parameters off (`..;x`), and letters that cannot be seen.
  const [name = ''] = step.split(';')
  return /^\.+$/.test(name.trim()) || /[\0-\x1f\x7f]/.test(step) || (step === '' && !isLast)
}

function decoded(path: string): string | null {
  try {
    return decodeURIComponent(path)
  } catch {
    return null
  }
}
