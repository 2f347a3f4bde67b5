import { formatBytes } from '#kernel/bytes.ts'
import { formatDuration } from '#kernel/time.ts'
import { canonical } from './recipe.ts'
import { refusalText } from './refusal.ts'
import { makeRoom } from './room.ts'

/**
 * What a person's wish would do, before it is done: steps with their order and their undoing, effects in plain
 * sentences, and what stands in the way. Pure; the owner of all state carries it out by the same rules
 * (`schedule.ts`, `room.ts`).
 */
export interface World {
  /** null = nothing is refused for memory. */
  readonly budgetBytes: number | null
  readonly models: readonly ModelSeen[]
}

export interface ModelSeen {
  readonly id: string
  readonly state: 'stopped' | 'queued' | 'starting' | 'loading' | 'ready' | 'draining' | 'stopping' | 'failed'
  /** null = unknown. */
  readonly reserveBytes: number | null
  readonly isPinned: boolean
  readonly inFlight: number
  readonly queued: number
  readonly lastUsedAt: number
  /** How long it took to load before; null = unknown. */
  readonly loadMs: number | null
}

export interface Wish {
  readonly model: string
  readonly state: 'running' | 'stopped'
}

export interface PlanPolicy {
  /** How long running answers may go on when a person unloads their model. */
  readonly drainMs: number
  readonly proveDeadlineMs: number
}

export type Step =
  /** `graceMs` null = as long as they take: nobody's answer is cut to make room for another model. */
  | { readonly kind: 'drain'; readonly model: string; readonly graceMs: number | null }
  | { readonly kind: 'stop'; readonly model: string }
  | { readonly kind: 'start'; readonly model: string }
  | { readonly kind: 'prove'; readonly model: string; readonly deadlineMs: number }

export interface OrderedStep {
  readonly n: number
  readonly step: Step
  /** Steps that must be done before. */
  readonly after: readonly number[]
  /** What takes it back when a later step fails; null = nothing to take back. */
  readonly undo: Step | null
}

export interface Plan {
  readonly steps: readonly OrderedStep[]
  readonly effects: readonly string[]
  readonly obstacles: readonly string[]
  /** Canonical text of exactly the facts the plan rests on: a confirmation is bound to it. */
  readonly basis: string
}

export function plan(world: World, wishes: readonly Wish[], policy: PlanPolicy): Plan {
  const draft: Draft = { world, policy, steps: [], effects: [], obstacles: [], touched: new Set(), gone: new Set() }
  // Ends come first: what they free counts for the starts.
  for (const wish of wishes) if (wish.state === 'stopped') planStop(draft, wish.model)
  for (const wish of wishes) if (wish.state === 'running') planStart(draft, wish.model)
  const steps = draft.obstacles.length > 0 ? [] : draft.steps
  const facts = world.models
    .filter((model) => draft.touched.has(model.id))
    .map(({ id, state, reserveBytes, isPinned }) => ({ id, state, reserveBytes, isPinned }))
  const basis = canonical({ wishes, steps, obstacles: draft.obstacles, facts })
  return { steps, effects: draft.obstacles.length > 0 ? [] : draft.effects, obstacles: draft.obstacles, basis }
}

interface Draft {
  readonly world: World
  readonly policy: PlanPolicy
  readonly steps: OrderedStep[]
  readonly effects: string[]
  readonly obstacles: string[]
  readonly touched: Set<string>
  /** Models that have ended by the time the starts begin. */
  readonly gone: Set<string>
}

function planStop(draft: Draft, id: string): void {
  const model = find(draft, id)
  if (!model) return
  draft.touched.add(id)
  if (!isResident(model)) {
    draft.effects.push(`"${id}" is not loaded: nothing to do.`)
    return
  }
  const graceMs = draft.policy.drainMs
  endSteps(draft, model, graceMs)
  const running = requests(model.inFlight)
  if (model.state === 'starting' || model.state === 'loading') draft.effects.push(`The load of "${id}" is cancelled.`)
  else if (model.inFlight > 0) {
    draft.effects.push(
      `"${id}" is unloaded; ${running} may go on for up to ${formatDuration(graceMs)}, then answers are cut.`,
    )
  } else draft.effects.push(`"${id}" is unloaded${freed(model)}.`)
  if (model.queued > 0) draft.effects.push(`${requests(model.queued)} that wait for "${id}" are refused.`)
  draft.effects.push(`The next request for "${id}" loads it again.`)
}

function planStart(draft: Draft, id: string): void {
  const model = find(draft, id)
  if (!model) return
  draft.touched.add(id)
  if (model.state === 'ready') {
    draft.effects.push(`"${id}" is loaded already: nothing to do.`)
    return
  }
  if (model.state === 'starting' || model.state === 'loading') {
    draft.effects.push(`"${id}" is being loaded already: nothing to do.`)
    return
  }
  const after = clearRoom(draft, model)
  if (after === null) return
  const start = push(draft, { kind: 'start', model: id }, after, { kind: 'stop', model: id })
  push(draft, { kind: 'prove', model: id, deadlineMs: draft.policy.proveDeadlineMs }, [start], null)
  const memory =
    model.reserveBytes === null
      ? 'its need of memory is not known yet and will be measured'
      : `about ${formatBytes(model.reserveBytes)} of memory`
  const time = model.loadMs === null ? '' : `, about ${formatDuration(model.loadMs)} as before`
  draft.effects.push(`"${id}" is loaded: ${memory}${time}. It is ready after it has answered a first token.`)
}

/** Ends what stands in the way; the numbers of the last steps, or null when there is an obstacle. */
function clearRoom(draft: Draft, model: ModelSeen): readonly number[] | null {
  const { budgetBytes } = draft.world
  const others = draft.world.models.filter(
    (other) => other.id !== model.id && isResident(other) && !draft.gone.has(other.id),
  )
  const usedBytes = others.reduce((sum, other) => sum + (other.reserveBytes ?? 0), 0)
  const room = makeRoom({
    needBytes: model.reserveBytes,
    budgetBytes,
    freeBytes: (budgetBytes ?? 0) - usedBytes,
    residents: others.map((other) => ({ ...other, isIdle: other.inFlight + other.queued === 0 })),
  })
  const facts = { id: model.id, needBytes: model.reserveBytes ?? 0, budgetBytes: budgetBytes ?? 0 }
  switch (room.kind) {
    case 'fits':
      return [...lastSteps(draft)]
    case 'too_large':
      draft.obstacles.push(refusalText('too_large', { ...facts, by: [] }))
      return null
    case 'blocked': {
      for (const id of room.by) draft.touched.add(id)
      const pinned = others.filter((other) => other.isPinned).map((other) => other.id)
      draft.obstacles.push(refusalText('pinned', { ...facts, by: pinned }))
      return null
    }
    case 'after': {
      const victims = room.victims.flatMap((id) => others.filter((other) => other.id === id))
      for (const victim of victims) {
        draft.touched.add(victim.id)
        endSteps(draft, victim, null)
        const waits = victim.inFlight > 0 ? ` after ${requests(victim.inFlight)} in flight have ended` : ''
        draft.effects.push(
          `"${victim.id}" is unloaded to make room${waits}${freed(victim)}; its next request loads it again.`,
        )
      }
      return [...lastSteps(draft)]
    }
  }
}

function endSteps(draft: Draft, model: ModelSeen, graceMs: number | null): void {
  const drain = push(draft, { kind: 'drain', model: model.id, graceMs }, [], null)
  push(draft, { kind: 'stop', model: model.id }, [drain], { kind: 'start', model: model.id })
  draft.gone.add(model.id)
}

function push(draft: Draft, step: Step, after: readonly number[], undo: Step | null): number {
  const n = draft.steps.length + 1
  draft.steps.push({ n, step, after, undo })
  return n
}

/** The ends that a start waits for. */
function lastSteps(draft: Draft): readonly number[] {
  return draft.steps.filter((one) => one.step.kind === 'stop').map((one) => one.n)
}

function find(draft: Draft, id: string): ModelSeen | null {
  const model = draft.world.models.find((one) => one.id === id)
  if (!model) draft.obstacles.push(`There is no local model "${id}".`)
  return model ?? null
}

function isResident(model: ModelSeen): boolean {
  return model.state !== 'stopped' && model.state !== 'failed' && model.state !== 'queued'
}

const freed = (model: ModelSeen): string =>
  model.reserveBytes === null ? '' : ` (about ${formatBytes(model.reserveBytes)})`
const requests = (count: number): string => (count === 1 ? '1 request' : `${count} requests`)
