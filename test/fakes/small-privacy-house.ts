/** The routes of privacy behind the real router, over a small house in memory. */
import { createCell } from '../../src/kernel/cell.ts'
import { AppError } from '../../src/kernel/errors.ts'
import { keyId } from '../../src/kernel/ids.ts'
import type { Caller } from '../../src/kernel/words.ts'
import { createRouter } from '../../src/platform/http/router.ts'
import { silentLogger } from '../../src/platform/log/logger.ts'
import type { LeakReport } from '../../src/protocol/admin/privacy.ts'
import type { HouseLists, PrivacyPolicy, PrivacySettings } from '../../src/privacy/contract.ts'
import type { HouseParts } from '../../src/privacy/http/house.ts'
import { privacyRoutes } from '../../src/privacy/http/routes.ts'
import type { StoredDeparture } from '../../src/privacy/ports.ts'
import { PrivacyDesk } from '../../src/privacy/service/desk.ts'
import { createSmallDepartures, createSmallScrubber, smallRestorer, SmallVault } from './small-privacy.ts'

const safe: PrivacyPolicy = {
  name: 'default',
  names: 'known-names',
  cloud: { text: 'scrub', transcript: 'refuse', audio: 'refuse', image: 'refuse', file: 'refuse' },
  pass: [],
  urls: 'internal',
  restoreSecrets: 'never',
  hint: true,
  minScore: 0.5,
}

export const smallSettings: PrivacySettings = {
  policies: [safe, { ...safe, name: 'strict', names: 'block' }, { ...safe, name: 'mails', pass: ['EMAIL'] }],
  upstreamPolicies: new Map([['vendor', 'strict']]),
  recogniser: null,
  ttlMs: 3_600_000,
  limits: { textBytes: 2000, scrubMs: 1000, decodedBytes: 1000, scopes: 10, valuesPerScope: 10 },
}

export const smallStart = Date.parse('2030-01-01T00:00:00Z')

/** Whoever asks says who they are with the key `ada`, `bob` or `admin`; whoever comes through the socket is admin. */
export function createSmallPrivacyHouse(
  given: {
    readonly settings?: PrivacySettings
    readonly departures?: readonly StoredDeparture[]
    readonly report?: LeakReport
  } = {},
) {
  const clock = { at: smallStart, now: () => clock.at, mono: () => clock.at }
  const cell = createCell(given.settings ?? smallSettings)
  const vault = new SmallVault(clock)
  const told: { action: string; target: string; detail: string }[] = []
  const handedOut: string[] = []
  let lists: HouseLists = { directory: [{ value: 'Ann Lee', type: 'PERSON' }], deny: [], allow: [] }
  const desk = new PrivacyDesk({
    settings: cell,
    scrubber: createSmallScrubber(['Ann Lee']),
    restorer: smallRestorer,
    vault,
    transcripts: { rememberScrubbed: (_, text) => void handedOut.push(text) },
    clock,
  })
  const house: HouseParts = {
    settings: cell,
    cloudText: () => 'scrub',
    policies: {
      set(name, rules) {
        if (name === 'strict') return Promise.reject(new AppError('conflict', 'It is set in hearth.yaml.'))
        const cloud = { ...safe.cloud, ...rules.cloud } as PrivacyPolicy['cloud']
        cell.replace({ ...cell.value, policies: [...cell.value.policies, { ...safe, ...rules, name, cloud }] as never })
        return Promise.resolve()
      },
      sourceOf: (name) => (name === 'default' ? 'default' : 'file'),
    },
    lists: {
      get current() {
        return { version: 1, lists, automatic: [{ value: 'gpu-box', type: 'HOST' as const }] }
      },
      put(next) {
        lists = next
        return Promise.resolve()
      },
    },
    recogniser: () => ({
      recognise: () => Promise.reject(new AppError('unavailable', 'The recogniser does not answer.')),
    }),
    vault,
    leakTest: {
      run: () =>
        given.report === undefined
          ? Promise.reject(new AppError('busy', 'A leak test runs already.'))
          : Promise.resolve(given.report),
    },
    record: (entry) => void told.push(entry),
  }
  const handler = createRouter({
    routes: privacyRoutes({
      desk,
      textBytes: () => cell.value.limits.textBytes,
      scopes: vault,
      departures: createSmallDepartures(given.departures ?? []),
      ...house,
    }),
    gate: {
      admit(request, at, scope) {
        const name = at.isLocalSocket ? 'admin' : (request.headers.get('authorization') ?? '')
        const mayAll = name === 'admin'
        if (scope === 'admin' && !mayAll) throw new AppError('forbidden', 'no', { reason: 'scope_missing' })
        const may = (wanted: string) => mayAll || wanted === 'inference'
        return { key: keyId(name), name, may } as unknown as Caller
      },
    },
    log: silentLogger,
    controlBodyBytes: 65_536,
    fallback: () => null,
  })
  const call = async (request: `${string} /${string}`, body?: unknown, who = 'ada') => {
    const [method = '', path = ''] = request.split(' ')
    const sent = new Request(`http://127.0.0.1${path}`, {
      method,
      headers: { authorization: who },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const answer = await handler(sent, { from: '10.0.0.1', isLocalSocket: false, setIdleTimeout: () => {} })
    // oxlint-disable-next-line no-explicit-any -- what came over the wire; every test says what it expects
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as any }
  }
  return { call, handler, clock, vault, told, handedOut }
}
