import type { Clock, EpochMs } from '#kernel/time.ts'
import {
  createSigner,
  createVerifier,
  fromBase64Url,
  newKeyPair,
  thumbprint,
  toBase64Url,
} from '#platform/crypto/ed25519.ts'
import type { AccessClaims, TokenKeys } from '../core/access-token.ts'
import { writeAccessToken } from '../core/access-token.ts'
import type { SigningKeyRecord, SigningKeyStore } from '../ports.ts'
import { createLane } from './lane.ts'

/** A key signs for so long; then a new one does, by itself. */
const signMs = 90 * 24 * 3_600_000
/** Tokens of a key that signs no more are taken for the longest that a token can live. */
export const overlapMs = 24 * 3_600_000

interface Ready {
  readonly record: SigningKeyRecord
  readonly kid: string
  readonly verify: (bytes: Uint8Array, signature: Uint8Array) => boolean
}

/** What signs access tokens, and what tells that they are ours. */
export class SigningKeys implements TokenKeys {
  readonly #store: SigningKeyStore
  readonly #clock: Clock
  readonly #inOrder = createLane()
  #ready: readonly Ready[] = []
  #signer: { readonly kid: string; readonly sign: (bytes: Uint8Array) => Uint8Array } | null = null

  constructor(options: { readonly store: SigningKeyStore; readonly clock: Clock }) {
    this.#store = options.store
    this.#clock = options.clock
  }

  /** Makes the first key. */
  async load(): Promise<void> {
    this.#take(await this.#store.read())
    if (this.#signer === null) await this.rotate(overlapMs)
  }

  decode(text: string): Uint8Array | null {
    return fromBase64Url(text)
  }

  encode(content: string): string {
    return toBase64Url(content)
  }

  verifier(kid: string): Ready['verify'] | null {
    const key = this.#ready.find((each) => each.kid === kid)
    return key !== undefined && isTaken(key.record, this.#clock.now()) ? key.verify : null
  }

  sign(claims: AccessClaims): string {
    if (this.#signer === null) throw new Error('A token is wanted before there is a key.')
    const body = writeAccessToken(claims, this.#signer.kid, toBase64Url)
    return `${body}.${toBase64Url(this.#signer.sign(new TextEncoder().encode(body)))}`
  }

  /** Newest first; for whoever wants to judge our tokens without asking us. */
  jwks() {
    const now = this.#clock.now()
    return this.#ready
      .filter(({ record }) => isTaken(record, now))
      .map(({ record, kid }) => {
        return { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid, x: record.x } as const
      })
  }

  /**
   * A new key signs from now on; tokens of the one before are taken for `keepMs` more. Its secret part is forgotten.
   */
  rotate(keepMs: number): Promise<string> {
    return this.#inOrder(async () => {
      const now = this.#clock.now()
      const kept = this.#ready
        .map(({ record }) => record)
        .map((record) => ({ ...record, d: null, until: Math.min(record.until ?? now + keepMs, now + keepMs) }))
        .filter((record) => isTaken(record, now))
      const pair = newKeyPair()
      const records = [{ ...pair, createdAt: now, until: null }, ...kept]
      await this.#store.write(records)
      this.#take(records)
      return thumbprint(pair.x)
    })
  }

  /** For the task: null = the key is young enough. */
  async rotateWhenOld(): Promise<string | null> {
    const current = this.#ready.find(({ record }) => record.until === null)
    if (current !== undefined && current.record.createdAt + signMs > this.#clock.now()) return null
    return this.rotate(overlapMs)
  }

  #take(records: readonly SigningKeyRecord[]): void {
    this.#ready = records.map((record) => {
      return { record, kid: thumbprint(record.x), verify: createVerifier(record.x) }
    })
    const current = records.find((record) => record.until === null)
    this.#signer =
      current === undefined || current.d === null
        ? null
        : { kid: thumbprint(current.x), sign: createSigner({ x: current.x, d: current.d }) }
  }
}

const isTaken = (record: SigningKeyRecord, now: EpochMs): boolean => record.until === null || record.until > now
