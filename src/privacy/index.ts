import { AppError } from '#kernel/errors.ts'
import type { Clock } from '#kernel/time.ts'
import type { Announce, Cell } from '#kernel/words.ts'
import { sha256Hex } from '#platform/crypto/hash.ts'
import { newRequestId } from '#platform/crypto/ids.ts'
import { randomHex } from '#platform/crypto/random.ts'
import { hmacSha256 } from '#platform/crypto/seal.ts'
import type { Database } from '#platform/db/database.ts'
import type { InferenceDoor, InferenceExit, SocketExit } from '#platform/egress/contract.ts'
import type { Seal } from '#platform/egress/seal.ts'
import type { AnyRoute } from '#platform/http/route.ts'
import type { Logger } from '#platform/log/logger.ts'
import type { Task } from '#platform/tasks/task.ts'
import { listenCaptive } from './adapters/captive-upstream.ts'
import { DetectionThreads } from './adapters/detection-threads.ts'
import { HttpRecogniser } from './adapters/http-recogniser.ts'
import { createInstanceKey } from './adapters/instance-key.ts'
import { createKyselyDepartureStore } from './adapters/kysely-departure-store.ts'
import { createKyselyListStore } from './adapters/kysely-list-store.ts'
import { createKyselyTranscriptStore } from './adapters/kysely-transcript-store.ts'
import { createKyselyVaultStore } from './adapters/kysely-vault-store.ts'
import type { ListEntry, NameRecogniser, PrivacyPolicy, PrivacySettings, Vault } from './contract.ts'
import { rehydrateJson } from './core/rehydrate/json.ts'
import { rehydrateText } from './core/rehydrate/text.ts'
import type { PrivacyEvent } from './events.ts'
import type { HouseParts, Recorder } from './http/house.ts'
import { presidioRoutes, withPresidioErrors } from './http/presidio.ts'
import { privacyRoutes } from './http/routes.ts'
import { migrations } from './migrations/index.ts'
import { recognisersOf } from './service/detection.ts'
import { PrivacyDesk } from './service/desk.ts'
import { Guard } from './service/guard.ts'
import { openHouseKeys, type KeyState } from './service/house-keys.ts'
import { LeakGuard } from './service/leak-guard.ts'
import { LeakTest } from './service/leak-test.ts'
import { Lists } from './service/lists.ts'
import { Scrubber } from './service/scrubber.ts'
import { listeningSockets } from './service/socket-ear.ts'
import { Tally, type TallyCounts } from './service/tally.ts'
import { ThinkingEchoes } from './service/thinking-echoes.ts'
import { Transcripts } from './service/transcripts/transcripts.ts'
import { SealedVault } from './service/vault/vault.ts'
import { createTasks } from './tasks.ts'

export type { ListEntry, PrivacySettings } from './contract.ts'
export type { PrivacyEvent } from './events.ts'

export interface PrivacyOptions {
  readonly database: Database
  readonly home: string
  /** HEARTH_PRIVACY_KEY; null = a file in the home. */
  readonly privacyKey: string | null
  readonly settings: Cell<PrivacySettings>
  readonly cloudText: HouseParts['cloudText']
  /** Where policies that people change at run time are kept. */
  readonly policies: HouseParts['policies']
  readonly door: InferenceDoor
  readonly sockets: SocketExit
  readonly seal: Pick<Seal, 'close'>
  /** Names that the house knows by itself. */
  readonly names: () => readonly ListEntry[]
  readonly record: Recorder
  readonly announce: Announce<PrivacyEvent>
  readonly clock: Clock
  readonly log: Logger
}

export interface Privacy extends AsyncDisposable {
  /** The way to models: to the house as it is, to clouds scrubbed. */
  readonly inference: InferenceExit
  /** WebSockets of the house: what is heard on them is known for a transcript. */
  readonly sockets: SocketExit
  readonly routes: readonly AnyRoute[]
  /** For a listener of its own: Presidio's routes, and the form of what the router refuses there. */
  readonly presidio: { readonly routes: readonly AnyRoute[]; readonly shape: typeof withPresidioErrors }
  readonly tasks: readonly Task[]
  /** null: the vault works; otherwise why nothing leaves for a cloud. */
  readonly lock: string | null
  readonly counts: () => TallyCounts
}

/** Opens the domain. A key that is missing or wrong locks it: the house runs, and nothing leaves for a cloud. */
export async function openPrivacy(options: PrivacyOptions): Promise<Privacy> {
  const { database, settings, clock, announce, record } = options
  const log = options.log.child({ part: 'privacy' })
  await database.migrate('privacy', migrations)
  const vaultStore = createKyselyVaultStore(database)
  const key = await openHouseKeys(createInstanceKey({ given: options.privacyKey, home: options.home }), vaultStore)
  const limits = () => settings.value.limits
  const lists = new Lists({ store: createKyselyListStore(database), key, sources: options.names, announce })
  const state = await withLists(key, lists)
  if (state.kind === 'locked') log.error('nothing leaves for a cloud: the vault is locked', { why: state.why })
  const vault = new SealedVault({ store: vaultStore, key: state, clock, limits, announce })
  const transcriptStore = createKyselyTranscriptStore(database)
  const transcripts = new Transcripts({ store: transcriptStore, key, clock, ttlMs: () => settings.value.ttlMs })
  await transcripts.read()
  const departureStore = createKyselyDepartureStore(database)

  const detection = new DetectionThreads({ lists: lists.effective, scrubMs: () => limits().scrubMs, log })
  const leaks = new LeakGuard()
  leaks.lists = lists.effective.value
  const following = lists.effective.onChange((value) => {
    leaks.lists = value
  })
  const recogniser = recogniserOf(options)
  const scrubber = new Scrubber({ detection, recogniser, settings, leaks })
  const tally = new Tally()
  const guard = new Guard({
    ...{ door: options.door, seal: options.seal, vault, scrubber, leaks, transcripts, settings, clock, log },
    echoes: new ThinkingEchoes(),
    tally,
    hasRecogniser: () => settings.value.recogniser !== null,
    digest: sha256Hex,
  })
  const restorer = { text: rehydrateText, json: rehydrateJson }
  const desk = new PrivacyDesk({ settings, scrubber, restorer, vault, transcripts, clock })
  const leakTest = createLeakTest({ guard, vault, lists, key, options })
  return {
    inference: guard,
    sockets: listeningSockets(options.sockets, transcripts),
    routes: privacyRoutes({
      ...{ desk, settings, lists, vault, recogniser, leakTest, record },
      textBytes: () => limits().textBytes,
      scopes: vault,
      departures: departureStore,
      cloudText: options.cloudText,
      policies: options.policies,
    }),
    presidio: {
      routes: presidioRoutes({ scrubber, settings, recognisers: recognisersOf('internal') }),
      shape: withPresidioErrors,
    },
    tasks: createTasks({ vault, lists, transcripts, departureStore, transcriptStore, clock }),
    counts: () => tally.counts,
    get lock() {
      return vault.lock
    },
    async [Symbol.asyncDispose]() {
      following[Symbol.dispose]()
      detection[Symbol.dispose]()
      await transcripts[Symbol.asyncDispose]()
      await vault[Symbol.asyncDispose]()
    },
  }
}

/** Who must not leave cannot be read: the house stays open, and nothing leaves. */
async function withLists(key: KeyState, lists: Lists): Promise<KeyState> {
  try {
    await lists.refresh()
    return key
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.reason !== 'lists_damaged') throw thrown
    return { kind: 'locked', why: thrown.message }
  }
}

/** Made anew when its settings change; null where none is configured. */
function recogniserOf({ settings, door, clock }: PrivacyOptions): () => NameRecogniser | null {
  let made: { readonly from: PrivacySettings['recogniser']; readonly recogniser: NameRecogniser } | null = null
  return () => {
    const wanted = settings.value.recogniser
    if (wanted === null) return null
    if (made?.from !== wanted)
      made = { from: wanted, recogniser: new HttpRecogniser({ settings: wanted, exit: door, clock }) }
    return made.recogniser
  }
}

interface LeakTestGround {
  readonly guard: InferenceExit
  readonly vault: Vault
  readonly lists: Lists
  readonly key: KeyState
  readonly options: PrivacyOptions
}

function createLeakTest({ guard, vault, lists, key, options }: LeakTestGround): LeakTest {
  const { settings, announce, clock, log } = options
  const signing = key.kind === 'open' ? key.keys.digestKey('leak-test') : new Uint8Array(32)
  return new LeakTest({
    exit: guard,
    listen: () => listenCaptive({ log }),
    policy: () => settings.value.policies[0] as PrivacyPolicy,
    directory: () => lists.effective.value.directory,
    vault,
    newSeed: () => Number.parseInt(randomHex(4), 16),
    newRequestId: () => newRequestId(clock.now()),
    sign: (text) => Buffer.from(hmacSha256(signing, text)).toString('hex'),
    progress: (data) => announce({ type: 'privacy.leak_test', data }),
    clock,
  })
}
