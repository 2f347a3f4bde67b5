import { learnLoadMs } from '../core/eta.ts'
import { learnedKey } from '../core/recipe.ts'
import { type LocalModel, runningOf } from './bay.ts'
import { type FleetState, isStale } from './state.ts'
import type { Underway } from './underway.ts'

/** Growth below this is not worth a write every time it is measured. */
const worthwhileGrowth = 1.02

/** What loads teach about a recipe, its memory and its load time, for this life and the next ones. */
export class Learning {
  readonly #fleet: FleetState
  readonly #underway: Underway

  constructor(fleet: FleetState, underway: Underway) {
    this.#fleet = fleet
    this.#underway = underway
  }

  /** What earlier loads of the same recipe taught. */
  recall(local: LocalModel): void {
    const learned = this.#fleet.learned.get(learnedKey(local.recipe))
    local.peakBytes = learned?.peakBytes ?? null
    local.loadMs = learned?.loadMs ?? null
  }

  loaded(local: LocalModel, loadMs: number): void {
    local.loadMs = learnLoadMs(local.loadMs, loadMs)
    this.#save(local)
  }

  /** `measured` as the driver gives it, for all engines at once; at the end of a short life every byte counts. */
  measured(local: LocalModel, measured: ReadonlyMap<string, number> | null, growth = worthwhileGrowth): void {
    const bytes = measured?.get(runningOf(local.life)?.engine.instance ?? '')
    // An engine of an older recipe teaches nothing about the present one.
    if (bytes === undefined || isStale(local) || bytes <= (local.peakBytes ?? 0) * growth) return
    local.peakBytes = bytes
    this.#save(local)
  }

  /** A full disk must not stop a model. */
  #save(local: LocalModel): void {
    const learned = {
      key: learnedKey(local.recipe),
      peakBytes: local.peakBytes === null ? null : Math.round(local.peakBytes),
      loadMs: local.loadMs === null ? null : Math.round(local.loadMs),
    }
    this.#fleet.learned.set(learned.key, learned)
    const saved = this.#fleet.store.save(learned).catch((error: unknown) => {
      this.#fleet.log.warn('what was learned about a model could not be kept', { model: local.id, error })
    })
    this.#underway.add(saved)
  }
}
