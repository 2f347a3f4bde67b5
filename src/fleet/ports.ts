import type { DeploymentId } from '#kernel/ids.ts'
import type { EpochMs } from '#kernel/time.ts'
import type { Capability, Recipe } from './core/recipe.ts'

/** How far a long preparation is; null = not known. */
export interface Progress {
  readonly doneBytes: number
  readonly totalBytes: number | null
  readonly bytesPerSecond: number | null
}

/** Embedded engines are installed on demand. */
export interface EngineInstaller {
  list(): Promise<readonly EngineFacts[]>
  isInstalled(name: string): Promise<boolean>
  /** Rejects with an AppError that says what failed and what to do; a second call during an installation may come. */
  install(name: string, onProgress: (step: InstallStep) => void, signal: AbortSignal): Promise<void>
}

export interface EngineFacts {
  readonly name: string
  readonly isInstalled: boolean
  readonly version: string | null
  /** Which build fits this machine, for example `linux-x64-cuda`. */
  readonly variant: string | null
}

export interface InstallStep {
  readonly phase: string
  /** 0 to 1; null = not known. */
  readonly progress: number | null
}

/** Weights that are named, not here yet. */
export interface Pulls {
  /** The path of the whole, checked file; rejects with an AppError, or when `signal` aborts. */
  ensure(ref: HubRef, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<string>
}

export interface HubRef {
  readonly repo: string
  readonly file: string
  readonly revision: string
}

/** The tiny models that Hearth writes itself. */
export interface SmokeFiles {
  ensure(which: 'chat' | 'rank'): Promise<string>
}

/** What a model's file tells without loading it. */
export interface Weights {
  /** Null = there is no such file. */
  look(path: string, recipe: Recipe): Promise<WeightsFacts | null>
}

export interface WeightsFacts {
  /** What it needs with the recipe's context; null = the file does not say. */
  readonly memoryBytes: number | null
  /**
   * What is wrong with the file, as the rest of a sentence that begins with its name; the engine decides whether it
   * matters.
   */
  readonly defect: string | null
}

/** Starts engines on this machine. One implementation: child processes. */
export interface EngineDriver {
  /**
   * Ends what an earlier life of this Hearth left behind; resolves with how many processes were ended. Before any
   * `start`.
   */
  sweep(): Promise<number>
  /** Rejects with an AppError when the program cannot be started. */
  start(what: EngineStart): Promise<Engine>
  /** Memory in use by these engines, by id of the start; null = it cannot be measured here. */
  measure(): ReadonlyMap<string, number> | null
  /** The last `lines` lines of a model's log, oldest first; empty when it has none. */
  logTail(model: string, lines: number): Promise<string>
}

export interface EngineStart {
  readonly recipe: Recipe
  /** The weights' path; null for a command that brings its own. */
  readonly modelPath: string | null
  onLine(line: string): void
}

/** One running engine. */
export interface Engine {
  /** Names this start among all, for ever. */
  readonly instance: string
  readonly pid: number
  /** Without `/v1`. */
  readonly rootUrl: string
  readonly token: string
  /** Resolves once, when it has ended for whatever reason. */
  readonly exited: Promise<EngineExit>
  /** The last lines it wrote, oldest first. */
  lastLines(): readonly string[]
  /** Asks it to end, waits `graceMs`, then ends it and all it started. Idempotent. */
  stop(graceMs: number): Promise<void>
}

export interface EngineExit {
  readonly code: number | null
  readonly signal: string | null
}

/** Questions to a running engine, over the egress door. */
export interface EngineProbe {
  /** Whether it is up. */
  health(engine: EngineAddress, path: string, signal: AbortSignal): Promise<Health>
  /** A real answer of the smallest size: the only proof that it works. */
  prove(engine: EngineAddress, ask: Proof, signal: AbortSignal): Promise<Proved>
}

export interface EngineAddress {
  readonly rootUrl: string
  readonly token: string
}

export interface Proof {
  readonly capability: Capability
  readonly modelName: string
  /** The engine's list of models must hold `modelName`; a command without a declared name may call it anything. */
  readonly mustListName: boolean
  readonly deadlineMs: number
}

export type Health =
  | { readonly kind: 'ok' }
  /** `progress` from 0 to 1; null = the engine does not tell. */
  | { readonly kind: 'loading'; readonly progress: number | null }
  | { readonly kind: 'silent' }
  /** It answers, but not as a healthy engine does: a wrong path, an error page. */
  | { readonly kind: 'wrong'; readonly message: string }

export type Proved = { readonly kind: 'ok' } | { readonly kind: 'failed'; readonly message: string }

/** What was learned about a recipe in earlier loads, kept in the database. */
export interface LearnedStore {
  all(): Promise<readonly Learned[]>
  save(learned: Learned): Promise<void>
}

export interface Learned {
  readonly key: string
  readonly peakBytes: number | null
  readonly loadMs: number | null
}

/** This machine's memory in bytes; null = it does not tell. */
export interface MachineMemory {
  read(): {
    readonly totalBytes: number | null
    readonly availableBytes: number | null
    readonly hasDiscreteGpu: boolean
  }
}

/** Where acts on machines are written down. */
export interface Audit {
  record(entry: AuditEntry): void
}

export interface AuditEntry {
  readonly at: EpochMs
  /** A key's public id, or the name of a standing consent. */
  readonly who: string
  readonly action: string
  readonly target: string
  readonly detail: string
}

/** Recipes that people add at run time; the config stands behind it, and answers with new recipes in the cell. */
export interface RecipeBook {
  /**
   * Resolves when the recipe stands in the cell. Rejects with an AppError `invalid` that names every problem, or
   * `conflict` when the id is taken.
   */
  add(recipe: Readonly<Record<string, unknown>>): Promise<void>
  /** False: there is no recipe of this id in the overlay. */
  remove(id: string): Promise<boolean>
}

/** An upstream of somebody else: no life cycle, only its concurrency counts. */
export interface ExternalDeployment {
  readonly deployment: DeploymentId
  readonly baseUrl: string
  /** null = unlimited. */
  readonly concurrency: number | null
  /** The pool that its work counts in, beside `concurrency`. */
  readonly pool?: string | null
  /** All its work is audio: without a pool it gets one for audio. */
  readonly audio?: boolean
}
