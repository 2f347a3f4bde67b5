/** What is known about how long a load still takes. Durations in milliseconds; null = not known. */
export interface LoadFacts {
  readonly elapsedMs: number
  /** What this recipe took before, on average. */
  readonly pastMs: number | null
  /** 0 to 1, as the engine tells it. */
  readonly progress: number | null
}

/** Below this the engine's progress says more about its start than about its end. */
const trustedProgress = 0.1

/** Seconds until ready, whole, at least 1; null = nothing is known, and nothing is made up. */
export function etaSeconds(facts: LoadFacts): number | null {
  const { elapsedMs, pastMs, progress } = facts
  if (progress !== null && progress >= trustedProgress && progress <= 1) {
    return atLeastOne((elapsedMs * (1 - progress)) / progress)
  }
  // A load that takes longer than ever before: the past says nothing any more.
  if (pastMs === null || elapsedMs > pastMs * 1.5) return null
  return atLeastOne(pastMs - elapsedMs)
}

/** Seconds until a download is done. */
export function downloadEtaSeconds(progress: {
  readonly doneBytes: number
  readonly totalBytes: number | null
  readonly bytesPerSecond: number | null
}): number | null {
  const { doneBytes, totalBytes, bytesPerSecond } = progress
  if (totalBytes === null || bytesPerSecond === null || bytesPerSecond <= 0) return null
  return atLeastOne((Math.max(0, totalBytes - doneBytes) / bytesPerSecond) * 1000)
}

/** The average that later loads are told from: the newest counts for half. */
export function learnLoadMs(pastMs: number | null, tookMs: number): number {
  return Math.round(pastMs === null ? tookMs : (pastMs + tookMs) / 2)
}

/** The average time that a request has its place: the newest counts for a fifth. */
export function learnServiceMs(pastMs: number | null, tookMs: number): number {
  return pastMs === null ? tookMs : pastMs + (tookMs - pastMs) / 5
}

/** What is known about a line in front of places that are all taken. */
export interface LineFacts {
  /** How many go before; 0 = next. */
  readonly position: number
  readonly serviceMs: number | null
  /** How many are served at once. */
  readonly places: number
}

/** Seconds until the turn comes: a place becomes free every `serviceMs / places`. null = nothing is known. */
export function queueEtaSeconds({ position, serviceMs, places }: LineFacts): number | null {
  if (serviceMs === null || places <= 0) return null
  return atLeastOne(((position + 1) * serviceMs) / places)
}

function atLeastOne(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000))
}
