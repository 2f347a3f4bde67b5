import { afterAll, describe, expect, test, setDefaultTimeout } from 'bun:test'
import { createCell } from '#kernel/cell.ts'
import { AppError } from '#kernel/errors.ts'
import { systemClock } from '#platform/clock.ts'
import { sha256, sha256Hex } from '#platform/crypto/hash.ts'
import { newRequestId } from '#platform/crypto/ids.ts'
import type { Destination, EgressPolicy, InferenceExit, Outbound } from '#platform/egress/contract.ts'
import { openEgress } from '#platform/egress/egress.ts'
import { createSeal } from '#platform/egress/seal.ts'
import { createLogger } from '#platform/log/logger.ts'
import { listenCaptive } from '../adapters/captive-upstream.ts'
import type { PrivacyPolicy, PrivacySettings, ScopeView, Vault } from '../contract.ts'
import { Finder } from './detection.ts'
import { Guard } from './guard.ts'
import { LeakGuard } from './leak-guard.ts'
import { LeakTest, leakTestOwner, type CaptiveUpstream, type LeakTestParts } from './leak-test.ts'
import { Scrubber } from './scrubber.ts'
import { Tally } from './tally.ts'
import { ThinkingEchoes } from './thinking-echoes.ts'
import { OpenScope } from './vault/open-scope.ts'

const faults: string[] = []
const log = createLogger({ level: 'error', format: 'lines', write: (line) => void faults.push(line), now: () => 0 })
const egress = openEgress({ policy: createCell<EgressPolicy>({ proxy: null }), log, clock: systemClock })
afterAll(() => egress[Symbol.asyncDispose]())

const policy: PrivacyPolicy = {
  name: 'default',
  names: 'known-names',
  cloud: { text: 'scrub', transcript: 'refuse', audio: 'refuse', image: 'refuse', file: 'refuse' },
  pass: [],
  urls: 'internal',
  restoreSecrets: 'never',
  hint: true,
  minScore: 0.5,
}
const settings: PrivacySettings = {
  policies: [policy],
  upstreamPolicies: new Map(),
  recogniser: null,
  ttlMs: 60_000,
  limits: { textBytes: 2 ** 22, scrubMs: 60_000, decodedBytes: 2 ** 20, scopes: 1000, valuesPerScope: 20_000 },
}
const directory = [
  { value: 'Kasimir Vandermeer', type: 'PERSON' },
  { value: 'Øresund Tändler', type: 'PERSON' },
] as const

/** The captive upstream is on this machine: as such it gets what it is told, whatever the guard would say. */
const asHouse = (to: Destination): Destination => ({ ...to, locality: null })
const raw: InferenceExit = { send: (to, what, options) => egress.inference.send(asHouse(to), what, options) }

/** Scopes as they are while they are open; nothing of them is kept. */
function memoryVault(): Vault & { readonly shredded: string[] } {
  const scopes = new Map<string, OpenScope>()
  const shredded: string[] = []
  const absent = () => Promise.reject(new Error('nobody asks for it here'))
  return {
    shredded,
    open(scope, { ttlMs }) {
      const name = `${scope.owner} ${scope.name}`
      const known = scopes.get(name)
      if (known) return known
      const opened = new OpenScope(
        {
          scope,
          nameHash: name,
          clock: systemClock,
          maxValues: () => 20_000,
          digest: (type, canonical) => sha256(`${name} ${type} ${canonical}`),
          onGrow: () => undefined,
        },
        { id: sha256Hex(name).slice(0, 12), createdAt: 0, ttlMs, dataKey: new Uint8Array(32) },
      )
      scopes.set(name, opened)
      return opened
    },
    passing: absent as never,
    byHandle: absent,
    create: absent,
    commit: () => Promise.resolve(),
    list: async ({ owner, limit }) =>
      [...scopes.values()]
        .filter((each) => each.scope.owner === owner)
        .slice(0, limit)
        .map(({ id }) => ({ id }) as ScopeView),
    async shred(id) {
      const found = [...scopes].find(([, each]) => each.id === id)
      if (!found) return false
      shredded.push(id)
      return scopes.delete(found[0])
    },
    lock: null,
  }
}

/** The guard that requests for models go through, with recognisers to leave out. */
function guarded(vault: Vault, without: (recogniser: string) => boolean = () => false): InferenceExit {
  const seal = createSeal()
  const finder = new Finder()
  const lists = { directory, deny: [], allow: [] }
  finder.lists = lists
  const leaks = new LeakGuard()
  leaks.lists = lists
  const scrubber = new Scrubber({
    detection: {
      find: async (ask) => finder.find(ask).map((spans) => spans.filter(({ recogniser }) => !without(recogniser))),
    },
    recogniser: () => null,
    settings: createCell(settings),
    leaks,
  })
  return new Guard({
    door: {
      send: raw.send,
      localityOf: () => 'cloud',
      locate: () => Promise.resolve('cloud'),
      sendSealed: (to, request, options) => raw.send(to, seal.open(to, request) as Outbound, options),
    },
    seal,
    vault,
    scrubber,
    leaks,
    transcripts: { remember: () => undefined, write: () => Promise.resolve(), isTranscript: () => false },
    echoes: new ThinkingEchoes(),
    tally: new Tally(),
    settings: createCell(settings),
    hasRecogniser: () => false,
    digest: sha256Hex,
    clock: systemClock,
    log,
  })
}

function leakTest(exit: InferenceExit, parts: Partial<LeakTestParts> = {}): LeakTest {
  return new LeakTest({
    exit,
    listen: () => listenCaptive({ log }),
    policy: () => policy,
    directory: () => directory,
    vault: memoryVault(),
    newSeed: () => 77,
    newRequestId: () => newRequestId(),
    sign: sha256Hex,
    clock: systemClock,
    ...parts,
  })
}

const run = (
  exit: InferenceExit,
  ask: { cases?: number; seed?: number | null } = {},
  parts: Partial<LeakTestParts> = {},
) => leakTest(exit, parts).run({ cases: 200, seed: 4, signal: new AbortController().signal, ...ask })

setDefaultTimeout(60_000)

describe('the leak test', () => {
  test('sees nothing pass the guard, and sees what it hid come back', async () => {
    const vault = memoryVault()
    const report = await run(guarded(vault), { cases: 500, seed: 1 }, { vault })
    expect(report).toMatchObject({ seed: 1, cases: 500, passed: true, claimed: [], policy: { name: 'default' } })
    expect(report.sent + report.refused).toBe(500)
    expect(report.sent).toBeGreaterThan(300)
    expect(report.restored).toBeGreaterThan(100)
    // What was refused was refused for a reason, not because something broke.
    expect(faults).toEqual([])
    // Every scope it used is gone.
    expect(vault.shredded.length).toBeGreaterThanOrEqual(10)
    expect(await vault.list({ owner: leakTestOwner, limit: 10 })).toEqual([])
  })

  test('sees everything where nobody guards', async () => {
    const report = await run(raw)
    expect(report.passed).toBe(false)
    expect(report).toMatchObject({ sent: 200, refused: 0 })
    const seen = [...report.claimed, ...report.listed].reduce((sum, { cases }) => sum + cases, 0)
    expect(seen).toBe(200)
    expect(report.claimed.some(({ carrier }) => carrier.startsWith('closed.'))).toBe(true)
  })

  test.each([
    ['email', 'EMAIL'],
    ['iban', 'IBAN'],
    ['card', 'CARD'],
    ['phone', 'PHONE'],
    ['secret', 'SECRET'],
  ])('notices that the recognisers %s… are not there', async (family, type) => {
    const vault = memoryVault()
    const exit = guarded(vault, (id) => id === family || id.startsWith(`${family}.`))
    const report = await run(exit, { cases: 500 }, { vault })
    expect(report.passed).toBe(false)
    expect(report.claimed.map((each) => each.type)).toContain(type)
  })

  test('counts what is refused, and is content where all is', async () => {
    const closed: InferenceExit = {
      send: () => Promise.resolve({ kind: 'denied', reason: 'egress_denied', message: 'Nothing goes.' }),
    }
    expect(await run(closed, { cases: 50 })).toMatchObject({ passed: true, sent: 0, refused: 50, restored: 0 })
  })

  test('calls it a leak when what was refused has arrived', async () => {
    const late: InferenceExit = {
      async send(to, what, options) {
        const sent = await raw.send(to, { ...what, method: 'POST', body: new Uint8Array([120]) }, options)
        if (sent.kind === 'answer') await sent.bytes(1e6)
        return { kind: 'withheld', message: 'No.', error: new AppError('blocked', 'No.') }
      },
    }
    expect(await run(late, { cases: 20 })).toMatchObject({ passed: false, refused: 20 })
  })

  test('says the same for the same seed, and signs it', async () => {
    const facts = async (seed: number | null) => {
      const { startedAt: _startedAt, durationMs: _durationMs, digest, ...rest } = await run(raw, { cases: 60, seed })
      expect(digest).toMatch(/^[0-9a-f]{64}$/)
      return rest
    }
    expect(await facts(9)).toEqual(await facts(9))
    expect((await facts(10)).byCarrier).not.toEqual((await facts(9)).byCarrier)
    expect((await facts(null)).seed).toBe(77)
  })

  test('leaves out what the policy lets go', async () => {
    const lenient = { ...policy, pass: ['EMAIL' as const, 'SECRET' as const] }
    const { byType } = await run(raw, { cases: 300 }, { policy: () => lenient })
    // Rows that must stay whatever they hold have an address in them.
    expect(byType['EMAIL']).toBeLessThan(15)
    expect(byType['SECRET']).toBeUndefined()
  })

  test('is one at a time, and closes its upstream when whoever asked has gone', async () => {
    const upstreams: CaptiveUpstream[] = []
    const listen = () => {
      const upstream = listenCaptive({ log })
      upstreams.push(upstream)
      return upstream
    }
    const tester = leakTest(raw, { listen })
    const gone = new AbortController()
    const first = tester.run({ cases: 10_000, seed: 1, signal: gone.signal })
    const second = tester.run({ cases: 1, seed: 1, signal: gone.signal })
    expect(await thrownBy(second)).toMatchObject({ kind: 'busy', reason: 'leak_test_running' })
    gone.abort()
    expect(await thrownBy(first)).toBeDefined()
    const to = { name: 'closed', baseUrl: upstreams[0]?.baseUrl ?? '', locality: null }
    const what: Outbound = { method: 'GET', path: '/', headers: {}, body: null, data: ['metadata'] }
    const deadlines = { firstByteMs: 5000, idleMs: 5000, totalMs: 5000 }
    const sent = await egress.inference.send(to, what, { deadlines, signal: new AbortController().signal })
    expect(sent).toMatchObject({ kind: 'failed', reason: 'refused' })
    expect(await tester.run({ cases: 5, seed: 1, signal: new AbortController().signal })).toMatchObject({ cases: 5 })
  })
})

async function thrownBy(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
}
