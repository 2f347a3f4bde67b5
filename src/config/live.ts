import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createCell } from '#kernel/cell.ts'
import { AppError, messageOf } from '#kernel/errors.ts'
import { noCatalogue, type Catalogue } from '#catalogue/core/catalogue.ts'
import type { Announce, Cell } from '#kernel/words.ts'
import type { Config, Loaded, Problem, Provenance, Secrets } from './contract.ts'
import type { Environment } from './env.ts'
import type { ConfigEvent } from './events.ts'
import { entryOf } from './layers.ts'
import { loadConfig } from './load.ts'
import { checkOverlay } from './overlay.ts'
import type { OverlayStore } from './ports.ts'
import { watchFile } from './watch.ts'

export interface LiveConfigOptions {
  readonly environment: Environment
  /** From `--config`; null: HEARTH_CONFIG, else `hearth.yaml` in the home, which may be missing. */
  readonly configFile: string | null
  readonly store: OverlayStore
  readonly announce: Announce<ConfigEvent>
  /** Said once per start and per reload, for the log. */
  readonly onWarning: (warning: string) => void
  readonly onRefused: (problems: readonly Problem[]) => void
  /** The file was changed, and what it says now runs. */
  readonly onReloaded: () => void
  readonly isWatching: boolean
  /** What is known of providers. Not there: nothing. */
  readonly catalogue?: Cell<Catalogue>
}

export interface ConfigFacts {
  readonly file: string | null
  readonly provenance: readonly Provenance[]
  readonly warnings: readonly string[]
}

/** What takes effect only at the next start, with its name in the contract; a change of it is said. */
const fixedAtStart = [
  ['host', 'hosts'],
  ['port', 'port'],
  ['http', 'http'],
  ['tls', 'tls'],
  ['mutualTls', 'mutualTls'],
  ['trustedProxies', 'trustedProxies'],
] as const

/** Opens the configuration, or rejects with an AppError that carries every problem in `details.problems`. */
export async function openConfig(options: LiveConfigOptions): Promise<LiveConfig> {
  const path = configPath(options.environment, options.configFile)
  const file = await readConfigFile(path)
  const overlay = await options.store.all()
  const { environment } = options
  const catalogue = options.catalogue?.value ?? noCatalogue
  const loaded = loadConfig({ environment, file, overlay, catalogue })
  if (loaded.ok) return new LiveConfig(options, path.path, { loaded, fileContent: file?.content ?? null })
  // A setting made at run time must not keep the house from starting, for example after an update.
  const without = loadConfig({ environment, file, overlay: {}, catalogue })
  if (!without.ok) throw configError(without.problems, file?.path)
  const left = `Settings made at run time are left out: ${loaded.problems.map((problem) => problem.message).join(' ')}`
  return new LiveConfig(options, path.path, {
    loaded: { ...without, warnings: [...without.warnings, left] },
    fileContent: file?.content ?? null,
  })
}

/**
 * The configuration while the house runs. A change of the file or of the overlay is read whole and swapped in, or
 * refused whole. Changes wait for each other: reading, judging and storing are one step of one queue.
 */
export class LiveConfig implements AsyncDisposable {
  readonly config: Cell<Config>
  readonly secrets: Cell<Secrets>
  readonly facts: Cell<ConfigFacts>
  readonly #options: LiveConfigOptions
  readonly #file: string
  readonly #config
  readonly #secrets
  readonly #facts
  readonly #watcher: Disposable | null
  readonly #following: Disposable | null
  #started: Config['server']
  /** As the file was read last, and as it was when what runs now was made of it. */
  #lastContent: string | null
  #runningContent: string | null
  /** Why the file is not what runs, as warnings; empty = it is. */
  #refusal: readonly string[] = []
  #queue: Promise<unknown> = Promise.resolve()

  constructor(
    options: LiveConfigOptions,
    file: string,
    first: { readonly loaded: Loaded & { ok: true }; readonly fileContent: string | null },
  ) {
    const { config, secrets, provenance, warnings } = first.loaded
    this.#options = options
    this.#file = file
    this.#started = config.server
    this.#lastContent = this.#runningContent = first.fileContent
    this.config = this.#config = createCell(config)
    this.secrets = this.#secrets = createCell(secrets)
    this.facts = this.#facts = createCell<ConfigFacts>({
      file: first.fileContent === null ? null : file,
      provenance,
      warnings,
    })
    for (const warning of warnings) options.onWarning(warning)
    this.#watcher = options.isWatching ? watchFile({ path: file, onChange: () => void this.reload() }) : null
    this.#following = options.catalogue?.onChange(() => void this.#renew()) ?? null
  }

  /** Reads the file again. Problems are told by `onRefused` and an event; what ran before runs on. */
  reload(): Promise<void> {
    return this.#inTurn(async () => {
      try {
        const file = await readConfigFile({ path: this.#file, mustExist: false })
        const content = file?.content ?? null
        if (content === this.#lastContent) return
        this.#lastContent = content
        const loaded = this.#load({ content, overlay: await this.#options.store.all() })
        if (loaded.ok) {
          this.#runningContent = content
          this.#refusal = []
          this.#swap(loaded)
          this.#options.onReloaded()
        } else this.#refuse(loaded.problems)
      } catch (thrown) {
        // The file or the database cannot be read just now; what ran before runs on.
        this.#refuse([
          { path: this.#file, line: null, message: messageOf(thrown), fix: 'Mend that, then save the file again.' },
        ])
      }
    })
  }

  /** What the settings say is what they said; what is known of the providers that they name is not. */
  #renew(): Promise<void> {
    return this.#inTurn(async () => {
      const loaded = this.#load({ content: this.#runningContent, overlay: await this.#options.store.all() })
      if (loaded.ok) this.#swap(loaded)
      else this.#options.onRefused(loaded.problems)
    })
  }

  /**
   * Sets a value at run time. Rejects with `invalid` (all problems) or `conflict` (environment or file go before
   * it).
   */
  put(path: string, value: unknown): Promise<void> {
    return this.#inTurn(async () => {
      checkOverlay({ path, value, provenance: this.facts.value.provenance })
      const entry = entryOf(path)
      const added = entry?.list === 'models' ? entry.name : null
      const overlay = { ...(await this.#options.store.all()), [path]: value }
      const loaded = this.#load({ content: this.#runningContent, overlay, added })
      if (!loaded.ok) throw configError(loaded.problems)
      await this.#options.store.put(path, value)
      this.#swap(loaded)
    })
  }

  /** Takes a value back that was set at run time; false: there was none. */
  remove(path: string): Promise<boolean> {
    return this.#inTurn(async () => {
      const overlay = { ...(await this.#options.store.all()) }
      if (!Object.hasOwn(overlay, path)) return false
      delete overlay[path]
      const loaded = this.#load({ content: this.#runningContent, overlay })
      if (!loaded.ok) throw configError(loaded.problems)
      await this.#options.store.remove(path)
      this.#swap(loaded)
      return true
    })
  }

  /** The book of recipes that people add at run time, as the fleet asks for it. */
  readonly recipes = {
    add: async (recipe: Readonly<Record<string, unknown>>): Promise<void> => {
      const { id, ...rest } = recipe
      if (typeof id !== 'string' || id === '')
        throw new AppError('invalid', 'A model needs an `id`, the name that callers use.', { param: 'id' })
      if (this.config.value.models.some((model) => model.id === id)) {
        throw new AppError('conflict', `There is a model ${id} already: choose another id, or take it away first.`, {
          reason: 'already_exists',
          param: 'id',
        })
      }
      await this.put(`models.${id}`, rest)
    },
    remove: (id: string): Promise<boolean> => this.remove(`models.${id}`),
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watcher?.[Symbol.dispose]()
    this.#following?.[Symbol.dispose]()
    await this.#queue
  }

  /** What is set at run time meets the file that runs: one that is being mended keeps nobody from adding a model. */
  #load(from: {
    readonly content: string | null
    readonly overlay: Readonly<Record<string, unknown>>
    readonly added?: string | null
  }): Loaded {
    const { content, overlay, added = null } = from
    const file = content === null ? null : { path: this.#file, content }
    const { environment, catalogue } = this.#options
    return loadConfig({ environment, file, overlay, added, catalogue: catalogue?.value ?? noCatalogue })
  }

  #swap(loaded: Loaded & { ok: true }): void {
    const changed = fixedAtStart.filter(
      ([, member]) => JSON.stringify(loaded.config.server[member]) !== JSON.stringify(this.#started[member]),
    )
    const later = changed.map(([name]) => `server.${name} is changed; it takes effect at the next start.`)
    const warnings = [...loaded.warnings, ...later]
    for (const warning of warnings) if (!this.facts.value.warnings.includes(warning)) this.#options.onWarning(warning)
    this.#secrets.replace(loaded.secrets)
    this.#facts.replace({
      file: this.#runningContent === null ? null : this.#file,
      provenance: loaded.provenance,
      warnings: [...this.#refusal, ...warnings],
    })
    this.#config.replace(loaded.config)
    this.#options.announce({ type: 'config.reloaded', data: {} })
  }

  #refuse(problems: readonly Problem[]): void {
    const { warnings, ...facts } = this.facts.value
    const others = warnings.filter((warning) => !this.#refusal.includes(warning))
    this.#refusal = [`${this.#file} is refused; what ran before runs on.`, ...sentences(problems)]
    this.#facts.replace({ ...facts, warnings: [...this.#refusal, ...others] })
    this.#options.onRefused(problems)
    this.#options.announce({ type: 'config.refused', data: { problems } })
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const mine = this.#queue.then(step)
    this.#queue = mine.catch(() => undefined)
    return mine
  }
}

/**
 * Every problem with its line and its fix, as an error that a caller or a person at the terminal can read; `file` is
 * named where lines of it are.
 */
function configError(problems: readonly Problem[], file?: string): AppError {
  const head = file !== undefined && problems.some(({ line }) => line !== null) ? [`${file} is refused:`] : []
  return new AppError('invalid', [...head, ...sentences(problems)].join('\n'), {
    reason: 'invalid_config',
    details: { problems },
  })
}

function sentences(problems: readonly Problem[]): readonly string[] {
  return problems.map(({ line, message, fix }) => `${line === null ? '' : `line ${line}: `}${message} ${fix}`.trim())
}

interface ConfigPath {
  readonly path: string
  readonly mustExist: boolean
}

function configPath(environment: Environment, given: string | null): ConfigPath {
  const named = given ?? environment.configFile
  return named === null
    ? { path: join(environment.home, 'hearth.yaml'), mustExist: false }
    : { path: resolve(named), mustExist: true }
}

async function readConfigFile({
  path,
  mustExist,
}: ConfigPath): Promise<{ readonly path: string; readonly content: string } | null> {
  try {
    return { path, content: await readFile(path, 'utf8') }
  } catch (thrown) {
    const isMissing = (thrown as { readonly code?: unknown }).code === 'ENOENT'
    if (isMissing && !mustExist) return null
    const message = isMissing
      ? `There is no configuration file ${path}.`
      : `The configuration file ${path} cannot be read: ${messageOf(thrown)}.`
    throw configError([{ path, line: null, message, fix: 'Mend --config or HEARTH_CONFIG.' }])
  }
}
