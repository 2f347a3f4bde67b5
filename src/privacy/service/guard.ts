import { AppError, messageOf } from '#kernel/errors.ts'
import { keyId } from '#kernel/ids.ts'
import type { Clock } from '#kernel/time.ts'
import type { Cell, DataClass, Locality } from '#kernel/words.ts'
import type {
  Destination,
  InferenceDoor,
  InferenceExit,
  Outbound,
  SendOptions,
  Sent,
} from '#platform/egress/contract.ts'
import type { Seal } from '#platform/egress/seal.ts'
import type { Logger } from '#platform/log/logger.ts'
import { objectOf } from '#protocol/json/members.ts'
import type { Counts, Departure, PrivacyPolicy, PrivacySettings, ScopeVault, Vault } from '../contract.ts'
import { ruleOn, type Ruling } from '../core/policy.ts'
import { conversationHead, flatLeaves, holdsTokens } from '../core/walk/request.ts'
import {
  identifiersLeft,
  internalFault,
  namesBlocked,
  namesStay,
  tokensLeft,
  unreadable,
  vaultLocked,
} from '../errors.ts'
import { untilKnown, type LeakGuard } from './leak-guard.ts'
import { bodyTexts, readCargo, type Cargo } from './cargo.ts'
import { rehydratedAnswer } from './rehydrated-answer.ts'
import type { Scrubber } from './scrubber.ts'
import type { Tally } from './tally.ts'
import { listening, type Transcripts } from './transcript-ear.ts'
import type { ThinkingEchoes } from './thinking-echoes.ts'

export interface GuardParts {
  readonly door: InferenceDoor
  readonly seal: Pick<Seal, 'close'>
  readonly vault: Vault
  readonly scrubber: Scrubber
  readonly leaks: LeakGuard
  readonly transcripts: Transcripts
  readonly echoes: ThinkingEchoes
  readonly tally: Tally
  readonly settings: Cell<PrivacySettings>
  /** Whether names are found by a recogniser; otherwise only those that the house knows. */
  readonly hasRecogniser: () => boolean
  /** A scope is named by a digest of what its conversation began with. */
  readonly digest: (text: string) => string
  readonly clock: Clock
  readonly log: Logger
}

/** The house itself, where it asks: probes, lists of models. */
export const houseKey = keyId('house')

/**
 * Everything that is asked of models goes through here. To the house it passes untouched. What is for a cloud:
 * 1. is read as what it is (`cargo.ts`); what cannot be read does not leave;
 * 2. is judged by the policy of that cloud: what class of data is it, and may that go?
 * 3. has every identifier replaced (`scrubber.ts`), the same value by the same word as in the turns before;
 * 4. is looked through once more, on the bytes (`leak-guard.ts`);
 * 5. is written down: what is new in the vault, and that it leaves;
 * 6. is sealed for this one destination, and sent; the answer has the values put back as it comes.
 * Whatever goes wrong on the way, nothing is sent.
 */
export class Guard implements InferenceExit {
  readonly #parts: GuardParts

  constructor(parts: GuardParts) {
    this.#parts = parts
  }

  async send(to: Destination, what: Outbound, options: SendOptions): Promise<Sent> {
    const { door, transcripts } = this.#parts
    const locality: Locality | null = door.localityOf(to) ?? (await door.locate(to))
    if (locality !== 'cloud') return listening(await door.send(to, what, options), what, transcripts)
    const errand = { to, what, options, policy: this.#policyFor(to), facts: factsOf(what) }
    try {
      return await this.#toCloud(errand).catch((thrown: unknown) => {
        // Another process named a new value of the same scope meanwhile: now it is known here too.
        if (thrown instanceof AppError && thrown.reason === 'vault_changed') return this.#toCloud(errand)
        throw thrown
      })
    } catch (thrown) {
      return this.#withheld(errand, thrown)
    }
  }

  async #toCloud(errand: Errand): Promise<Sent> {
    const { what, facts } = errand
    // What is refused for what it is need not be read.
    const early = this.#refusal(errand, what.data)
    if (early !== null) return early
    const { lock } = this.#parts.vault
    if (lock !== null) throw vaultLocked(lock)
    const cargo = await readCargo(what)
    facts.data = this.#classesOf(what, cargo)
    facts.bytes = cargo.bytes
    return this.#refusal(errand, facts.data) ?? this.#sendAllowed(errand, cargo)
  }

  #rule({ to, what, policy }: Errand, data: readonly DataClass[]): Ruling {
    return ruleOn({ name: to.name, data, hasBody: what.body !== null, policy })
  }

  #refusal(errand: Errand, data: readonly DataClass[]): Sent | null {
    const ruling = this.#rule(errand, data)
    if (ruling.kind !== 'refuse') return null
    this.#note(errand, { verdict: 'refused', reason: data.includes('transcript') ? 'transcript' : 'policy' })
    return { kind: 'denied', reason: 'egress_denied', message: ruling.message }
  }

  #sendAllowed(errand: Errand, cargo: Cargo): Promise<Sent> {
    const ruling = this.#rule(errand, errand.facts.data)
    return ruling.kind === 'raw' ? this.#sendRaw(errand, cargo) : this.#sendScrubbed(errand, cargo)
  }

  /** As it is: an admin's policy says so, and the deny list holds all the same. */
  async #sendRaw(errand: Errand, cargo: Cargo): Promise<Sent> {
    const { to, what, options } = errand
    const body = cargo.kind === 'empty' ? null : cargo.raw
    this.#parts.leaks.checkRaw(leavingOf(what, body))
    await this.#parts.vault.commit(null, this.#departure(errand, { verdict: 'sent', reason: null, counts: {} }))
    return this.#seal(to, { ...what, body }, options)
  }

  async #sendScrubbed(errand: Errand, cargo: Cargo): Promise<Sent> {
    const { leaks, echoes, scrubber } = this.#parts
    const { to, what, options, policy } = errand
    await this.#checkAround(errand, cargo)
    if (cargo.kind === 'empty') {
      leaks.checkHouse(leavingOf(what, null))
      if (what.origin !== undefined) await this.#commit(errand, null, {})
      return this.#seal(to, what, options)
    }
    const away = this.#namesAway(to, policy)
    if (away !== null) return away
    const scope = await this.#open(what, cargo)
    if (cargo.kind === 'opaque' && errand.facts.data.includes('text')) throw unreadable(cargo.what)
    if (cargo.kind === 'form' || cargo.kind === 'opaque') {
      leaks.check(leavingOf(what, null), scope, policy)
      await this.#commit(errand, null, {})
      return this.#seal(to, { ...what, body: cargo.raw }, options)
    }
    const { api, payload } = cargo
    const signed = (signature: string) => echoes.of(scope).get(signature)
    const { sealed, ...scrubbed } = await untilKnown(scope, async () => {
      const made = await scrubber.scrubPayload({ api, payload, vault: scope, policy, signal: options.signal, signed })
      leaks.check(leavingOf(what, made.bytes), scope, policy)
      return { counts: made.counts, sealed: { ...what, body: made.bytes } }
    })
    await this.#commit(errand, scope, scrubbed.counts)
    const sent = await this.#seal(to, sealed, options)
    if (sent.kind !== 'answer') return sent
    return rehydratedAnswer(sent, {
      api: cargo.api === 'embeddings' || cargo.api === 'rerank' ? 'other' : cargo.api,
      ...restored(scope, policy),
      ...(cargo.api === 'messages' ? { thinkingEcho: echoes.of(scope) } : {}),
      onEnd: (counts) => this.#parts.tally.putBack(counts),
    })
  }

  /** What cannot be rewritten must not hold anything: addresses, headers, fields of forms, texts as tokens. */
  async #checkAround({ what, policy, options }: Errand, cargo: Cargo): Promise<void> {
    if (cargo.kind === 'payload' && holdsTokens(cargo.payload.body)) throw tokensLeft()
    const own = new Set(['authorization', 'x-api-key', 'api-key', 'traceparent'])
    const headers = Object.entries(what.headers).flatMap(([name, value]) =>
      // What parts a form is chance, and stands in its body too.
      own.has(name.toLowerCase()) ? [] : [value.replace(/boundary=[\w'-]{1,70}$/, '')],
    )
    // As it is written, and as it is meant: what is escaped sticks to what stands beside it.
    const path = what.path.replace(/[/?&=]/g, ' ')
    const texts = [path, unescaped(path), ...headers, ...bodyTexts(cargo), ...modelIn(cargo)]
    const counts = await this.#parts.scrubber.counts(texts, { policy, signal: options.signal })
    if (Object.keys(counts).length > 0) throw identifiersLeft(counts)
  }

  /** Names that nobody looks for, where the policy takes that for too little. */
  #namesAway({ name }: Destination, policy: PrivacyPolicy): Sent | null {
    if (this.#parts.hasRecogniser() || policy.names === 'known-names') return null
    if (policy.names === 'block') throw namesBlocked(name)
    return { kind: 'denied', reason: 'egress_denied', message: namesStay(name) }
  }

  #classesOf(what: Outbound, cargo: Cargo): readonly DataClass[] {
    const classes = new Set(what.data)
    if (cargo.kind === 'payload') for (const each of cargo.payload.embedded) classes.add(each)
    const said = textsOf(cargo)
    if (said.length > 0 && this.#parts.transcripts.isTranscript(ownerOf(what), said)) classes.add('transcript')
    return [...classes]
  }

  #policyFor({ name }: Destination): PrivacyPolicy {
    const { policies, upstreamPolicies } = this.#parts.settings.value
    const wanted = upstreamPolicies.get(name)
    const policy = policies.find((each) => each.name === wanted) ?? policies[0]
    if (policy === undefined) throw new Error('there is no privacy policy')
    return policy
  }

  /** Conversations have scopes of their own, so that a cloud cannot tell two of them to be one person's. */
  #open({ origin }: Outbound, cargo: Cargo): ScopeVault | Promise<ScopeVault> {
    const { vault, settings, digest } = this.#parts
    const head = cargo.kind === 'payload' ? conversationHead(cargo.api, cargo.payload.body) : null
    const session = origin?.session ?? null
    const owner = origin?.key ?? houseKey
    // What is embedded or ranked is no conversation, and a library of it would fill any scope for good.
    if (session === null && head === null) return vault.passing({ owner, name: 'key' })
    const name = session !== null ? `session:${session}` : `conversation:${digest(head ?? '')}`
    return vault.open({ owner, name }, { ttlMs: settings.value.ttlMs })
  }

  /** Nothing leaves before it is written down that it does. */
  async #commit(errand: Errand, scope: ScopeVault | null, counts: Counts): Promise<void> {
    await this.#parts.vault.commit(scope, this.#departure(errand, { verdict: 'sent', reason: null, counts }))
    this.#parts.tally.hid(counts)
    const names = this.#parts.hasRecogniser() ? 'recogniser' : 'known-names'
    errand.what.origin?.onPrivacy?.({ policy: errand.policy.name, names, counts })
  }

  #seal(to: Destination, what: Outbound, options: SendOptions): Promise<Sent> {
    return this.#parts.door.sendSealed(to, this.#parts.seal.close(to, what), options)
  }

  #withheld(errand: Errand, thrown: unknown): Sent {
    const error = thrown instanceof AppError ? thrown : internalFault(thrown)
    if (!(thrown instanceof AppError))
      this.#parts.log.error('a request for a cloud met a fault of ours and was not sent', { error: thrown })
    this.#note(errand, { verdict: 'refused', reason: error.reason })
    return { kind: 'withheld', message: error.message, error }
  }

  /** What was refused is written down when there is time for it. */
  #note(errand: Errand, what: Pick<Departure, 'verdict' | 'reason'>): void {
    this.#parts.tally.refused(what.reason ?? 'unknown')
    const departure = this.#departure(errand, { ...what, counts: {} })
    this.#parts.vault.commit(null, departure).catch((error: unknown) => {
      this.#parts.log.warn('a refusal could not be written down', { why: messageOf(error) })
    })
  }

  #departure({ to, what, policy, facts }: Errand, rest: Pick<Departure, 'verdict' | 'reason' | 'counts'>): Departure {
    return {
      at: this.#parts.clock.now(),
      request: what.origin?.request ?? null,
      owner: ownerOf(what),
      destination: to.name,
      path: facts.path,
      bytes: facts.bytes,
      data: facts.data,
      policy: policy.name,
      ...rest,
    }
  }
}

function unescaped(path: string): string {
  try {
    return decodeURIComponent(path.replaceAll('+', ' '))
  } catch {
    return path
  }
}

/** Where an upstream takes any model, its name is the caller's to choose. */
function modelIn(cargo: Cargo): readonly string[] {
  const body = cargo.kind === 'payload' ? objectOf(cargo.payload.body) : null
  return typeof body?.['model'] === 'string' ? [body['model']] : []
}

function textsOf(cargo: Cargo): readonly string[] {
  if (cargo.kind === 'payload') return [...flatLeaves(cargo.payload.leaves)].map(({ value }) => value)
  return bodyTexts(cargo)
}

/** Where values are put back: a secret into arguments of tools at most, if that is what the policy says. */
function restored(scope: ScopeVault, { restoreSecrets }: PrivacyPolicy) {
  return restoreSecrets === 'tools' ? { live: scope.words, tools: scope.live } : { live: scope.live }
}

interface Errand {
  readonly to: Destination
  readonly what: Outbound
  readonly options: SendOptions
  readonly policy: PrivacyPolicy
  /** What is written down of it; filled as it becomes known. */
  readonly facts: { readonly path: string; bytes: number; data: readonly DataClass[] }
}

const factsOf = ({ path, data }: Outbound): Errand['facts'] => ({ path: knownPath(path), bytes: 0, data })

const ownerOf = ({ origin }: Outbound) => origin?.key ?? houseKey

/** The address as far as it is the dialect's: behind it could stand anything. */
function knownPath(path: string): string {
  return /^\/[a-z_/]{1,60}(?=$|\?)/.exec(path)?.[0] ?? '/…'
}

/** Where it goes is what the house wrote itself; what stands behind it may be anybody's. */
function leavingOf({ path, headers }: Outbound, body: Outbound['body']) {
  return { url: path, headers, body: body instanceof Uint8Array ? body : null }
}
