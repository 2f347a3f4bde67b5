import type { HouseStatus, ModelView } from '../../api/types.ts'
import { strings } from '../../strings.ts'
import { bytes } from '../../text/format.ts'

/** States that hold memory, or are about to. */
const burning: ReadonlySet<string> = new Set(['ready', 'draining', 'stopping', 'starting', 'loading'])
/** A model too small to be seen in the bed still gets a spark. */
const smallestShare = 0.012

/**
 * The memory of this machine as a bed of embers: each loaded model glows as wide as it is large; an estimate is
 * hatched.
 */
export function MemoryBed({ memory, models }: { memory: HouseStatus['memory']; models: readonly ModelView[] }) {
  const { budgetBytes, usedBytes } = memory
  const lit = models.filter((model) => burning.has(model.state))
  const known = lit.filter((model) => model.memoryBytes !== null)
  const freeBytes = budgetBytes !== null && usedBytes !== null ? Math.max(0, budgetBytes - usedBytes) : null
  return (
    <section aria-label={strings.memory.title} className="rounded-lg border border-line bg-panel px-4 py-4 md:px-6">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-0.5">
        <h2 className="font-sans text-sm font-semibold">
          {strings.memory.title}{' '}
          <span className="font-normal text-soft">
            ({memory.from === 'measured' ? strings.memory.measured : strings.memory.configured})
          </span>
        </h2>
        <p className="text-sm text-soft">
          {budgetBytes === null
            ? strings.memory.budgetUnknown
            : strings.memory.used(bytes(usedBytes), bytes(budgetBytes))}
          {freeBytes !== null && ` · ${strings.memory.free(bytes(freeBytes))}`}
        </p>
      </div>
      <div className="mt-3 flex h-8 gap-0.5 overflow-hidden rounded-md bg-sunken" aria-hidden="true">
        {budgetBytes !== null &&
          known.map((model) => (
            <div
              key={model.id}
              className={`${model.memoryBytes?.from === 'measured' && model.state === 'ready' ? 'embers' : 'kindling'} ${
                model.inFlight > 0 ? 'breathe' : ''
              }`}
              style={{ width: `${Math.max(smallestShare, (model.memoryBytes?.value ?? 0) / budgetBytes) * 100}%` }}
              title={strings.memory.model(model.id, bytes(model.memoryBytes?.value))}
            />
          ))}
      </div>
      {lit.length === 0 ? (
        <p className="mt-2 text-sm text-soft">{strings.memory.cold}</p>
      ) : (
        <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-sm">
          {lit.map((model) => (
            <li key={model.id} className="flex items-center gap-1.5">
              <span
                className={`size-2.5 rounded-sm ${model.memoryBytes?.from === 'measured' && model.state === 'ready' ? 'embers' : 'kindling border border-glow'}`}
                aria-hidden="true"
              />
              {strings.memory.model(model.id, bytes(model.memoryBytes?.value))}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
