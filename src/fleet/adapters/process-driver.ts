import { mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '#kernel/errors.ts'
import { sha256Hex } from '#platform/crypto/hash.ts'
import { randomHex } from '#platform/crypto/random.ts'
import type { Logger } from '#platform/log/logger.ts'
import { type Child, startChild } from '#platform/process/child.ts'
import { findFreePort } from '#platform/process/free-port.ts'
import { LogFile, readLogTail } from '#platform/process/log-file.ts'
import { markOfOwnChild, openRecordFolder, type RecordFolder, sweepOrphans } from '#platform/process/orphans.ts'
import { memoryOfTree } from '#platform/process/procfs.ts'
import type { Engine, EngineDriver, EngineStart } from '../ports.ts'
import { type EmbeddedEngine, engineArgv, engineEnvironment } from './engine-command.ts'

export interface ProcessDriverOptions {
  /** HEARTH_HOME. */
  readonly home: string
  readonly enginesDir: string
  readonly embedded: EmbeddedEngine
  /** Hearth's own environment; engines get a few names of it. */
  readonly hostEnvironment: Readonly<Record<string, string | undefined>>
  /** Largest size of one model's log on disk. */
  readonly logBytes: number
  readonly log: Logger
}

const markName = 'HEARTH_ENGINE'
const host = '127.0.0.1'
/** Lines kept in memory for the reason of a failure. */
const keptLines = 40
/** An orphan gets this long between SIGTERM and SIGKILL: the start of the server waits for it. */
const orphanGraceMs = 3000

/**
 * Engines as child processes of this machine. They end with the server; what survived a killed server is ended, not
 * adopted, by the next one: its pipes are closed, its token is forgotten, and a fresh start costs seconds.
 */
export function createProcessDriver(options: ProcessDriverOptions): EngineDriver {
  return new ProcessDriver(options)
}

class ProcessDriver implements EngineDriver {
  readonly #options: ProcessDriverOptions
  readonly #homeId: string
  readonly #records: RecordFolder
  readonly #running = new Map<string, Child>()
  /** Ports given to engines that may not listen yet. */
  readonly #ports = new Set<number>()

  constructor(options: ProcessDriverOptions) {
    this.#options = options
    mkdirSync(join(options.home, 'logs'), { recursive: true, mode: 0o700 })
    // One home reached by two paths is one home.
    this.#homeId = sha256Hex(realpathSync(options.home)).slice(0, 16)
    this.#records = openRecordFolder(join(options.home, 'engines-running'))
  }

  async sweep(): Promise<number> {
    return sweepOrphans({ markName, home: this.#homeId, records: this.#records, graceMs: orphanGraceMs })
  }

  start(what: EngineStart): Promise<Engine> {
    // A rejected promise, not a throw: the interface promises one way of failing.
    return Promise.resolve().then(() => this.#start(what))
  }

  measure(): ReadonlyMap<string, number> | null {
    const seen = new Map<string, number>()
    for (const [instance, child] of this.#running) {
      const bytes = memoryOfTree(child.identity.pid)
      if (bytes !== null) seen.set(instance, bytes)
    }
    return this.#running.size > 0 && seen.size === 0 ? null : seen
  }

  logTail(model: string, lines: number): Promise<string> {
    return readLogTail(this.#logPath(model), lines)
  }

  #start(what: EngineStart): Engine {
    const { recipe } = what
    const instance = `${fileName(recipe.id)}-${randomHex(6)}`
    const facts = { recipe, modelPath: what.modelPath, host, port: this.#takePort(), token: randomHex(24) }
    const mark = markOfOwnChild(this.#homeId, instance)
    const journal = this.#openJournal(what)
    let child: Child
    try {
      child = startChild({
        argv: engineArgv(facts, this.#options.embedded),
        env: engineEnvironment(facts, { ...this.#options, mark }),
        cwd: this.#options.home,
        markName,
        onLine: journal.line,
      })
    } catch (error) {
      journal.close()
      this.#ports.delete(facts.port)
      throw error
    }
    this.#running.set(instance, child)
    this.#records.put(instance, { ...child.identity, mark, port: facts.port })
    const exited = child.exited.then((exit) => {
      this.#running.delete(instance)
      this.#ports.delete(facts.port)
      this.#records.remove(instance)
      journal.close()
      return exit
    })
    return {
      instance,
      pid: child.identity.pid,
      rootUrl: `http://${host}:${facts.port}`,
      token: facts.token,
      exited,
      lastLines: () => journal.kept,
      stop: async (graceMs) => {
        await child.stop(graceMs)
        await exited
      },
    }
  }

  #openJournal(what: EngineStart): { readonly kept: readonly string[]; line(line: string): void; close(): void } {
    const kept: string[] = []
    const file = new LogFile({ path: this.#logPath(what.recipe.id), maxBytes: this.#options.logBytes })
    let isBroken = false
    return {
      kept,
      line: (line) => {
        kept.push(line)
        if (kept.length > keptLines) kept.shift()
        what.onLine(line)
        if (isBroken) return
        try {
          file.write(line)
        } catch (error) {
          // A full disk is no reason to end a model that answers.
          isBroken = true
          this.#options.log.warn("a model's log cannot be written", { model: what.recipe.id, error: messageOf(error) })
        }
      },
      close: () => file[Symbol.dispose](),
    }
  }

  #takePort(): number {
    for (;;) {
      const port = findFreePort(host)
      if (this.#ports.has(port)) continue
      this.#ports.add(port)
      return port
    }
  }

  #logPath(model: string): string {
    return join(this.#options.home, 'logs', `${fileName(model)}.log`)
  }
}

/** A model's id as a file name: ids may hold slashes. Two ids never share one. */
function fileName(id: string): string {
  const name = encodeURIComponent(id)
  return name.length <= 120 ? name : `${name.slice(0, 100)}-${sha256Hex(id).slice(0, 16)}`
}
