import type { Caller } from '#kernel/words.ts'
import { sha256Hex } from '#platform/crypto/hash.ts'
import type { ModelView } from '../contract.ts'
import { type OrderedStep, type Plan, plan, type World } from '../core/plan.ts'
import { blockedPlan, changedPlan, notInOverlay, unknownModel } from '../errors.ts'
import type { RecipeBook } from '../ports.ts'
import { runningOf } from './bay.ts'
import { localBays, reserveOfModel } from './state.ts'
import type { Keeper } from './keeper.ts'
import { stateOf, viewOf } from './views.ts'

export interface PlanShown {
  readonly hash: string
  readonly steps: readonly OrderedStep[]
  readonly effects: readonly string[]
  readonly obstacles: readonly string[]
}

export interface Operated {
  readonly plan: PlanShown
  readonly applied: boolean
  readonly model: ModelView
}

/** What people do with local models: each act is planned first, and written down when it is carried out. */
export class Operations {
  readonly #keeper: Keeper
  readonly #book: RecipeBook

  constructor(keeper: Keeper, book: RecipeBook) {
    this.#keeper = keeper
    this.#book = book
  }

  views(): readonly ModelView[] {
    const { fleet } = this.#keeper
    return [...localBays(fleet)]
      .filter(({ local }) => !local.isRemoved)
      .map(({ bay, local }) => viewOf(fleet, bay, local))
  }

  /** Throws `not_found` with the nearest names. */
  view(id: string): ModelView {
    const found = this.#keeper.find(id)
    if (found) return viewOf(this.#keeper.fleet, found.bay, found.local)
    throw unknownModel(
      id,
      [...localBays(this.#keeper.fleet)].map(({ local }) => local.id),
    )
  }

  logTail(id: string, lines: number): Promise<string> {
    this.view(id)
    return this.#keeper.fleet.tools.driver.logTail(id, lines)
  }

  /**
   * Plans and, unless `isDryRun`, carries out at once: between the look and the act nothing else runs. Throws
   * `conflict` when something stands in the way, or when `hash` is given and the plan has become another one.
   */
  operate(ask: {
    readonly id: string
    readonly wanted: 'running' | 'stopped'
    readonly isDryRun: boolean
    readonly hash: string | null
    readonly caller: Caller
  }): Operated {
    const { id, wanted } = ask
    this.view(id)
    const shown = this.#plan(id, wanted)
    if (ask.isDryRun) return { plan: shown, applied: false, model: this.view(id) }
    if (ask.hash !== null && ask.hash !== shown.hash) throw changedPlan()
    if (shown.obstacles.length > 0) throw blockedPlan(shown.obstacles)
    // Written down before it is done: what it brings about comes after it in the audit, too.
    this.#note(ask.caller, wanted === 'running' ? 'model.load' : 'model.unload', id, shown.effects.join(' '))
    if (wanted === 'running') this.#keeper.load(id)
    else this.#keeper.unload(id)
    return { plan: shown, applied: true, model: this.view(id) }
  }

  async addRecipe(
    recipe: Readonly<Record<string, unknown>> & { readonly id: string },
    caller: Caller,
  ): Promise<ModelView> {
    await this.#book.add(recipe)
    this.#note(caller, 'model.add', recipe.id, `"${recipe.id}" was added at run time.`)
    return this.view(recipe.id)
  }

  async removeRecipe(id: string, caller: Caller): Promise<ModelView> {
    const view = this.view(id)
    if (view.from !== 'overlay' || !(await this.#book.remove(id))) throw notInOverlay(id)
    this.#note(caller, 'model.remove', id, `"${id}" was taken away; its files stay where they are.`)
    return view
  }

  #plan(id: string, state: 'running' | 'stopped'): PlanShown {
    const { fleet } = this.#keeper
    const { basis, ...rest }: Plan = plan(this.#world(), [{ model: id, state }], {
      drainMs: fleet.settings.value.drainMs,
      proveDeadlineMs: fleet.limits.proveDeadlineMs,
    })
    return { hash: sha256Hex(basis), ...rest }
  }

  #world(): World {
    const { fleet } = this.#keeper
    const now = fleet.clock.mono()
    return {
      budgetBytes: fleet.budget?.bytes ?? null,
      models: [...localBays(fleet)].map(({ bay, local }) => {
        const running = runningOf(local.life)
        return {
          id: local.id,
          state: stateOf(bay, local, now),
          reserveBytes: reserveOfModel(fleet, local),
          isPinned: local.recipe.pin,
          inFlight: running?.slots.inFlight ?? 0,
          queued: bay.queue.size,
          lastUsedAt: running?.slots.lastUsedAt ?? local.lastUsedAt ?? 0,
          loadMs: local.loadMs,
        }
      }),
    }
  }

  #note(caller: Caller, action: string, target: string, detail: string): void {
    this.#keeper.fleet.audit.record({ at: this.#keeper.fleet.clock.now(), who: caller.key, action, target, detail })
  }
}
