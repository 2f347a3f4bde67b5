import type { Clock } from '#kernel/time.ts'
import type { Task } from '#platform/tasks/task.ts'
import type { DepartureStore, TranscriptStore } from './ports.ts'
import type { Lists } from './service/lists.ts'
import type { Transcripts } from './service/transcripts/transcripts.ts'
import type { SealedVault } from './service/vault/vault.ts'

export interface TaskParts {
  readonly vault: SealedVault
  readonly lists: Lists
  readonly transcripts: Transcripts
  readonly departureStore: DepartureStore
  readonly transcriptStore: TranscriptStore
  readonly clock: Clock
}

/** How long it is kept what left the house. */
export const departureRetentionDays = 90
const dayMs = 86_400_000
/** Of one statement: some milliseconds on SQLite. */
const departuresPerDelete = 500
const transcriptsPerDelete = 50
const scopesPerRound = 20
/** One activation deletes this many at the most; the next one goes on. */
const maxRounds = 400

export function createTasks(parts: TaskParts): readonly Task[] {
  const { lists, transcripts, transcriptStore } = parts
  return [
    { name: 'privacy-retention', everyMs: 60_000, activate: (signal) => tidy(parts, signal) },
    {
      name: 'privacy-transcripts',
      everyMs: 1000,
      async activate() {
        await transcripts.write()
        if (transcriptStore.isShared) await transcripts.read()
        const { texts, passages } = transcripts.counts
        return texts === 0 ? null : `knows ${passages} passages of ${texts} texts`
      },
    },
    {
      name: 'privacy-lists',
      everyMs: 5000,
      async activate() {
        await lists.refresh()
        return null
      },
    },
  ]
}

/** Writes down the uses of scopes, then deletes what has ended: scopes, departures, fingerprints. */
async function tidy(parts: TaskParts, signal: AbortSignal): Promise<string | null> {
  const { vault, departureStore, transcriptStore, clock } = parts
  await vault.flushUses()
  const before = clock.now() - departureRetentionDays * dayMs
  const scopes = await inRounds(signal, scopesPerRound, (limit) => vault.deleteExpired(limit))
  const departures = await inRounds(signal, departuresPerDelete, (limit) => departureStore.deleteBefore(before, limit))
  const texts = await inRounds(signal, transcriptsPerDelete, (limit) =>
    transcriptStore.deleteExpired(clock.now(), limit),
  )
  if (scopes + departures + texts === 0) return null
  return `deleted ${scopes} scopes, ${departures} departures, ${texts} transcripts that have ended`
}

async function inRounds(
  signal: AbortSignal,
  limit: number,
  round: (limit: number) => Promise<number>,
): Promise<number> {
  let total = 0
  for (let count = 0; count < maxRounds && !signal.aborted; count++) {
    const deleted = await round(limit)
    total += deleted
    if (deleted < limit) break
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  return total
}
