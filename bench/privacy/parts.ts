/** What stands between a request and a cloud, without the door: in memory, as a house has it after its start. */
import { defaultPolicy } from '../../src/config/settings-privacy.ts'
import { createCell } from '../../src/kernel/cell.ts'
import { keyId } from '../../src/kernel/ids.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { hmacSha256 } from '../../src/platform/crypto/seal.ts'
import type { HouseLists, PrivacySettings } from '../../src/privacy/contract.ts'
import { readPayload } from '../../src/privacy/core/walk/request.ts'
import { Finder, type DetectionAsk } from '../../src/privacy/service/detection.ts'
import { LeakGuard } from '../../src/privacy/service/leak-guard.ts'
import { Scrubber } from '../../src/privacy/service/scrubber.ts'
import { OpenScope } from '../../src/privacy/service/vault/open-scope.ts'
import { firstNames, lastNames } from './sentences.ts'

export const policy = defaultPolicy
/** As many people as a house has, and what it never lets out. */
export const lists: HouseLists = {
  directory: firstNames.map((first, index) => ({ value: `${first} ${lastNames[index] ?? ''}`, type: 'PERSON' })),
  deny: ['Project Falcon', 'Nordlicht 7', 'Halle 14b'].map((value) => ({ kind: 'text', value })),
  allow: ['service@example.com'],
}

const limits = { textBytes: 2 ** 24, scrubMs: 60_000, decodedBytes: 2 ** 24, scopes: 1000, valuesPerScope: 1e6 }
export const settings: PrivacySettings = {
  policies: [policy],
  upstreamPolicies: new Map(),
  recogniser: null,
  ttlMs: 3_600_000,
  limits,
}

export function createFinder(): Finder {
  const finder = new Finder()
  finder.lists = lists
  return finder
}

export function askOf(text: string): DetectionAsk {
  const { urls, minScore, pass } = policy
  const { decodedBytes } = limits
  return { texts: [text], names: [], known: null, allow: [], deny: [], pass, urls, minScore, decodedBytes }
}

export function createScope(): OpenScope {
  const scope = { owner: keyId('bench'), name: 'conversation:bench' }
  return new OpenScope(
    {
      scope,
      nameHash: scope.name,
      clock: systemClock,
      maxValues: () => limits.valuesPerScope,
      digest: (type, canonical) => hmacSha256(new Uint8Array(32), `${type}\n${canonical}`),
      onGrow: () => undefined,
    },
    { id: crypto.randomUUID(), createdAt: 0, ttlMs: settings.ttlMs, dataKey: new Uint8Array(32) },
  )
}

/** One request of one conversation, from its JSON to the bytes that may leave. */
export function createScrub(): (body: string, scope: OpenScope) => Promise<Uint8Array> {
  const finder = createFinder()
  const leaks = new LeakGuard()
  leaks.lists = lists
  const detection = { find: (ask: DetectionAsk) => Promise.resolve(finder.find(ask)) }
  const scrubber = new Scrubber({ detection, recogniser: () => null, settings: createCell(settings), leaks })
  const { signal } = new AbortController()
  return async (body, vault) => {
    const payload = readPayload('chat', body)
    const { bytes } = await scrubber.scrubPayload({ api: 'chat', payload, vault, policy, signal, signed: () => null })
    leaks.check({ url: '/v1/chat/completions', headers: { accept: '*/*' }, body: bytes }, vault, policy)
    return bytes
  }
}

export function chatBody(text: string, model = 'cloud/echo'): string {
  const system = { role: 'system', content: 'You are a careful assistant. Answer in one paragraph.' }
  return JSON.stringify({ model, messages: [system, { role: 'user', content: text }], max_tokens: 150 })
}
