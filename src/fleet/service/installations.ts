import { AppError } from '#kernel/errors.ts'
import type { Announce } from '#kernel/words.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { FleetEvent } from '../events.ts'
import type { EngineFacts, EngineInstaller, InstallStep } from '../ports.ts'

/** Steps of one installation are told at most this often, and whenever the phase changes. */
const tellEveryMs = 250

/**
 * Installations of embedded engines: one at a time for each, whoever asks; all who ask see its progress and wait for
 * its end.
 */
export class Installations {
  readonly #installer: EngineInstaller
  readonly #announce: Announce<FleetEvent>
  readonly #log: Logger
  readonly #mono: () => number
  readonly #underway = new Map<string, Installation>()

  constructor(options: {
    readonly installer: EngineInstaller
    readonly announce: Announce<FleetEvent>
    readonly log: Logger
    readonly mono: () => number
  }) {
    this.#installer = options.installer
    this.#announce = options.announce
    this.#log = options.log
    this.#mono = options.mono
  }

  list(): Promise<readonly EngineFacts[]> {
    return this.#installer.list()
  }

  isInstalled(name: string): Promise<boolean> {
    return this.#installer.isInstalled(name)
  }

  /** Rejects when the installation fails, or when `signal` aborts; it goes on as long as anybody waits for it. */
  install(name: string, onProgress: (step: InstallStep) => void, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(cancelled(name))
    const installation = this.#underway.get(name) ?? this.#begin(name)
    installation.listeners.add(onProgress)
    if (installation.last) onProgress(installation.last)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const onAbort = () => {
      this.#leave(installation, onProgress)
      reject(cancelled(name))
    }
    signal.addEventListener('abort', onAbort, { once: true })
    installation.done.then(resolve, reject)
    return promise.finally(() => {
      signal.removeEventListener('abort', onAbort)
      installation.listeners.delete(onProgress)
    })
  }

  #begin(name: string): Installation {
    const abort = new AbortController()
    const listeners = new Set<(step: InstallStep) => void>()
    let toldAt = -Infinity
    const report = (step: InstallStep) => {
      const isNewPhase = installation.last?.phase !== step.phase
      installation.last = step
      for (const listener of listeners) listener(step)
      if (!isNewPhase && this.#mono() - toldAt < tellEveryMs) return
      toldAt = this.#mono()
      this.#announce({ type: 'engine.install', data: { engine: name, ...step } })
    }
    const installation: Installation = { abort, listeners, last: null, done: Promise.resolve() }
    this.#underway.set(name, installation)
    installation.done = this.#run(name, report, abort.signal).finally(() => this.#underway.delete(name))
    // Those who wait hear of a failure; without anybody waiting it is not an unhandled one.
    installation.done.catch(() => {})
    return installation
  }

  async #run(name: string, report: (step: InstallStep) => void, signal: AbortSignal): Promise<void> {
    this.#log.info('an engine is being installed', { engine: name })
    try {
      await this.#installer.install(name, report, signal)
      this.#log.info('an engine is installed', { engine: name })
      report({ phase: 'done', progress: 1 })
    } catch (error) {
      report({ phase: signal.aborted ? 'cancelled' : 'failed', progress: null })
      this.#log.error('an engine could not be installed', { engine: name, error })
      throw error
    }
  }

  #leave(installation: Installation, listener: (step: InstallStep) => void): void {
    installation.listeners.delete(listener)
    if (installation.listeners.size === 0) installation.abort.abort()
  }
}

interface Installation {
  readonly abort: AbortController
  readonly listeners: Set<(step: InstallStep) => void>
  last: InstallStep | null
  done: Promise<void>
}

const cancelled = (name: string): AppError =>
  new AppError('unavailable', `The installation of the engine "${name}" was cancelled.`, { reason: 'cancelled' })
