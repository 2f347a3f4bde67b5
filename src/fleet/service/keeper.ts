import { type DeploymentId, localDeployment } from '#kernel/ids.ts'
import type { Places } from '../contract.ts'
import { budgetOf } from '../core/memory.ts'
import { engineFingerprint, modelIdOf, type Recipe } from '../core/recipe.ts'
import { type Action, decide } from '../core/schedule.ts'
import type { ExternalDeployment } from '../ports.ts'
import { Bay, createLocalModel, type LocalBay, type LocalModel, runningOf } from './bay.ts'
import { allLines, type FleetState, localBays, queueLimitsOf, reserveOfModel, standingOf, wantedOf } from './state.ts'
import { Endings } from './endings.ts'
import { Learning } from './learning.ts'
import { Lifecycle } from './lifecycle.ts'
import { type Desk, PlacesDesk } from './places.ts'
import { Pools } from './pools.ts'
import { type Released, Slots } from './slots.ts'
import { Underway } from './underway.ts'
import { tell, tellLine } from './views.ts'

/** More rounds than this without an end would be two rules that undo each other. */
const maxRounds = 100

/**
 * The one owner of all state of the fleet. Everything that happens (a request, a permit that comes back, an engine
 * that ends, a person, a clock) changes the state and calls `decide`, which asks the pure scheduler and carries out
 * its answer: no change rests on an old look at the state, because nothing else can change it between the look and
 * the act.
 */
export class Keeper implements Desk, AsyncDisposable {
  readonly fleet: FleetState
  readonly #places: PlacesDesk
  readonly #lifecycle: Lifecycle
  readonly #endings: Endings
  readonly #learning: Learning
  readonly pools: Pools
  readonly #subscriptions: Disposable[]
  isPressed = false
  #isDeciding = false
  #mustDecideAgain = false
  #timer: ReturnType<typeof setTimeout> | null = null
  #timerAt = Infinity

  constructor(fleet: FleetState) {
    this.fleet = fleet
    this.#places = new PlacesDesk(this)
    const underway = new Underway(fleet.log)
    this.#learning = new Learning(fleet, underway)
    this.pools = new Pools(fleet)
    const parts = { places: this.#places, learning: this.#learning, underway, pools: this.pools }
    this.#endings = new Endings(this, parts)
    this.#lifecycle = new Lifecycle(this, { ...parts, endings: this.#endings })
    this.#readMemory()
    this.#takeExternals(fleet.externals.value)
    this.#takeRecipes(fleet.recipes.value)
    this.#subscriptions = [
      fleet.externals.onChange((externals) => this.#takeExternals(externals)),
      fleet.recipes.onChange((recipes) => this.#takeRecipes(recipes)),
      fleet.settings.onChange(() => {
        this.#arrange()
        this.observe()
      }),
    ]
  }

  get places(): Places {
    return this.#places
  }

  /** The bay of a local model; null = there is no such recipe. */
  find(id: string): LocalBay | null {
    const bay = this.fleet.bays.get(localDeployment(id as Parameters<typeof localDeployment>[0]))
    return bay?.local && !bay.local.isRemoved ? { bay, local: bay.local } : null
  }

  /** A person wants it loaded, now and before others. */
  load(id: string): void {
    const found = this.find(id)
    if (!found || this.fleet.isClosing) return
    if (found.local.life.state !== 'ready') found.local.wish = { since: this.fleet.clock.mono(), by: 'person' }
    // A person who tries again has mended something.
    found.local.retryAt = null
    found.local.failures = 0
    this.decide()
  }

  unload(id: string): void {
    const found = this.find(id)
    if (found) this.#endings.unload(found, 'person', this.fleet.settings.value.drainMs)
  }

  reserveOf(local: LocalModel): number | null {
    return reserveOfModel(this.fleet, local)
  }

  decide(): void {
    this.#mustDecideAgain = true
    // What is carried out below may call this again; the outer loop sees to it.
    if (this.#isDeciding || this.fleet.isClosing) return
    this.#isDeciding = true
    try {
      for (let round = 0; this.#mustDecideAgain && round < maxRounds; round++) {
        this.#mustDecideAgain = false
        this.#decideOnce()
      }
      if (this.#mustDecideAgain) this.fleet.log.error('the scheduler does not come to rest; it is asked again later')
    } finally {
      this.#isDeciding = false
    }
  }

  wakeAt(at: number): void {
    if (at >= this.#timerAt || at === Infinity || this.fleet.isClosing) return
    if (this.#timer) clearTimeout(this.#timer)
    this.#timerAt = at
    this.#timer = setTimeout(
      () => this.#onTimer(),
      Math.min(2 ** 31 - 1, Math.max(0, Math.ceil(at - this.fleet.clock.mono()))),
    )
  }

  /** Measures memory, and tells what changed. Called by the reconciler at its time and when settings change. */
  observe(): void {
    this.#readMemory()
    const measured = this.fleet.tools.driver.measure()
    for (const { bay, local } of localBays(this.fleet)) {
      this.#learning.measured(local, measured)
      runningOf(local.life)?.watch.look()
      tell(this.fleet, bay, { withCounters: true })
    }
    for (const bay of allLines(this.fleet)) if (bay.local === null) tellLine(this.fleet, bay)
    this.decide()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.fleet.isClosing = true
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]()
    if (this.#timer) clearTimeout(this.#timer)
    await this.#endings.shutDown()
  }

  #decideOnce(): void {
    const { fleet } = this
    const now = fleet.clock.mono()
    for (const found of [...localBays(fleet)]) this.#prepareOrForget(found, now)
    const locals = [...localBays(fleet)]
    const standings = locals.map(({ bay, local }) => standingOf(fleet, bay, local, now))
    const policy = { ...fleet.limits, budgetBytes: fleet.budget?.bytes ?? null, swap: fleet.settings.value.swap }
    const decision = decide(standings, policy, now)
    this.isPressed = decision.waitingForRoom.size > 0 || standings.some((one) => one.isStale)
    for (const { bay, local } of locals) {
      const isWaiting = decision.waitingForRoom.has(local.id)
      if (isWaiting === local.isWaitingForRoom) continue
      local.isWaitingForRoom = isWaiting
      tell(fleet, bay)
    }
    for (const action of decision.actions) this.#apply(action)
    if (decision.actions.length > 0) this.#mustDecideAgain = true
    if (decision.wakeAt !== null) this.wakeAt(decision.wakeAt)
  }

  #prepareOrForget(found: LocalBay, now: number): void {
    const { bay, local } = found
    if (local.life.state === 'draining') return this.#endings.finishDrain(found)
    const wanted = wantedOf(bay, now)
    if (local.life.state === 'prepared' && wanted === null) return this.#endings.forget(found)
    if (wanted === null || (local.life.state !== 'stopped' && local.life.state !== 'failed')) return
    if (local.retryAt !== null && local.retryAt > now) return this.wakeAt(local.retryAt)
    this.#lifecycle.begin(found)
  }

  #apply(action: Action): void {
    const found = this.find(action.id)
    if (!found) return
    switch (action.kind) {
      case 'start':
        return this.#lifecycle.start(found)
      case 'close':
        return this.#lifecycle.close(found, action.for, action.since)
      case 'open':
        return this.#lifecycle.open(found)
      case 'stop':
        return this.#endings.stop(found, action.why, action.for)
      case 'refuse':
        return this.#endings.refuse(found, action.why, action.by)
    }
  }

  #onTimer(): void {
    this.#timer = null
    this.#timerAt = Infinity
    const now = this.fleet.clock.mono()
    let next = Infinity
    for (const bay of allLines(this.fleet)) {
      this.#places.expire(bay, now)
      const { local } = bay
      next = Math.min(next, bay.queue.nextDeadline() ?? Infinity)
      if (local?.life.state === 'draining') next = Math.min(next, local.life.cutAt)
      if (local?.kept && local.kept.until > now) next = Math.min(next, local.kept.until)
    }
    this.wakeAt(next)
    this.decide()
  }

  #readMemory(): void {
    const { fleet } = this
    const seen = fleet.memory.read()
    const ownBytes = [...localBays(fleet)].reduce(
      (sum, { local }) => sum + (runningOf(local.life) ? (local.peakBytes ?? 0) : 0),
      0,
    )
    fleet.isMeasureWhole = !seen.hasDiscreteGpu
    fleet.budget = budgetOf({ ...seen, configuredBytes: fleet.settings.value.memoryBytes, ownBytes })
  }

  #takeExternals(externals: readonly ExternalDeployment[]): void {
    const { bays } = this.fleet
    const wanted = new Set(externals.map((external) => external.deployment))
    for (const bay of [...bays.values()]) {
      if (bay.local !== null || wanted.has(bay.deployment)) continue
      bays.delete(bay.deployment)
      this.pools.forget(bay)
      const message = 'This upstream was taken out of the configuration.'
      const answer = { kind: 'unusable', reason: 'upstream_removed', message, retryAfterMs: null } as const
      for (const line of [bay, bay.audio]) if (line) this.#places.dismiss(line, answer)
    }
    for (const external of externals) {
      const bay = bays.get(external.deployment) ?? this.#openExternal(external)
      bay.wants = external
      if (bay.slots === null) continue
      bay.slots.baseUrl = external.baseUrl
      bay.slots.limit = external.concurrency ?? Infinity
    }
    this.#arrange()
  }

  /** Its audio has a line of its own before the same slots: it may have to wait while other work need not. */
  #openExternal({ deployment, baseUrl }: ExternalDeployment): Bay {
    const { bays, clock } = this.fleet
    const bay = this.#openBay(deployment, null)
    bay.audio = this.#openBay(deployment, null)
    const onRelease = (slots: Slots, released: Released) => this.#places.released(bay, slots, released)
    bay.slots = new Slots({ baseUrl, token: null, limit: Infinity, clock, onRelease })
    bay.audio.slots = bay.slots
    bays.set(deployment, bay)
    return bay
  }

  #openBay(deployment: DeploymentId, local: LocalModel | null): Bay {
    return new Bay({ deployment, queueLimits: () => queueLimitsOf(this.fleet.settings.value), local })
  }

  /** Puts every line before the places that it waits for now; some may be free for it. */
  #arrange(): void {
    this.pools.arrange()
    for (const bay of this.fleet.bays.values()) this.#places.serve(bay)
  }

  #takeRecipes(recipes: readonly Recipe[]): void {
    const wanted = new Set(recipes.map((recipe) => recipe.id))
    for (const found of [...localBays(this.fleet)]) {
      if (wanted.has(found.local.id)) continue
      found.local.isRemoved = true
      this.#endings.unload(found, 'removed', this.fleet.settings.value.drainMs)
    }
    for (const recipe of recipes) this.#takeRecipe(recipe)
    this.#arrange()
    this.decide()
  }

  #takeRecipe(recipe: Recipe): void {
    const { bays, clock } = this.fleet
    const deployment = localDeployment(modelIdOf(recipe))
    const known = bays.get(deployment)
    if (!known?.local) {
      const local = createLocalModel(recipe)
      this.#learning.recall(local)
      const bay = this.#openBay(deployment, local)
      bays.set(deployment, bay)
      if (recipe.preload) local.wish = { since: clock.mono(), by: 'preload' }
      tell(this.fleet, bay)
      return
    }
    const { local } = known
    const fingerprint = engineFingerprint(recipe)
    const isSameEngine = local.fingerprint === fingerprint
    Object.assign(local, { recipe, fingerprint })
    local.isRemoved = false
    if (!isSameEngine) {
      // A start with the old recipe is of no use to anybody; a running engine serves until it has nothing to do.
      if (local.life.state === 'preparing' || local.life.state === 'starting')
        this.#lifecycle.restart({ bay: known, local })
      Object.assign(local, { failures: 0, retryAt: null, estimatedBytes: null, peakBytes: null, loadMs: null })
      if (local.life.state === 'failed' || local.life.state === 'prepared') local.life = { state: 'stopped' }
      this.#learning.recall(local)
    }
    tell(this.fleet, known)
  }
}
