import type { DepartureView, HouseLists, PolicyView, ScopeView } from '../src/api/privacy.ts'

export const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString()

export function startPolicies(): PolicyView[] {
  const safe: PolicyView = {
    name: 'default',
    version: 'c2f46f76ae27',
    isDefault: true,
    source: 'default',
    upstreams: [],
    words: [
      'Text leaves with identifiers replaced, and they are put back into the answer.',
      'Only names that the house knows are found; others leave as they are.',
      'Transcripts, recordings, images and files stay in the house.',
      'Keys and passwords are never put back.',
    ],
    names: 'known-names',
    cloud: { text: 'scrub', transcript: 'refuse', audio: 'refuse', image: 'refuse', file: 'refuse' },
    pass: [],
    urls: 'internal',
    restoreSecrets: 'never',
    hint: true,
    minScore: 0.5,
  }
  return [
    safe,
    {
      ...safe,
      name: 'strict',
      version: '011bdab01d43',
      isDefault: false,
      source: 'file',
      upstreams: ['vendor'],
      names: 'block',
      words: ['Text is refused, for no recogniser looks for names.', ...safe.words.slice(2)],
    },
    {
      ...safe,
      name: 'pictures-of-the-weather',
      version: '5f0c9a7730b1',
      isDefault: false,
      source: 'overlay',
      upstreams: ['a-cloud-with-a-rather-long-name', 'other'],
      cloud: { ...safe.cloud, text: 'refuse', image: 'raw' },
      words: [
        'Text stays in the house.',
        'Transcripts, recordings and files stay in the house.',
        'Images may leave as they are.',
      ],
    },
  ]
}

export function startLists(): HouseLists {
  const names = ['Ann Lee', 'Jürgen Weißkopf', 'Robert "Bobby" O’Quillon', 'Zoe Quandt', 'Mara Delacroix-Hohenlohe']
  return {
    version: 3,
    directory: [
      ...names.map((value) => ({ value, type: 'PERSON' })),
      { value: 'Quillon Labs', type: 'ORGANIZATION' },
      { value: 'vorratskeller', type: 'HOST' },
      ...Array.from({ length: 40 }, (_, n) => ({ value: `Guest of the house ${n + 1}`, type: 'PERSON' })),
    ],
    deny: [
      { kind: 'text', value: 'Project Nightjar' },
      { kind: 'pattern', pattern: 'INV-\\d{6}' },
    ],
    allow: [],
    automatic: [
      { value: 'hearth-attic', type: 'HOST' },
      { value: 'gpu-box.lan', type: 'HOST' },
    ],
  }
}

export function startScopes(): ScopeView[] {
  const kinds = ['conversation', 'session', 'map', 'key'] as const
  return Array.from({ length: 9 }, (_, n) => ({
    id: `scope_${'fsglevcupctf23nf'.slice(n)}${n}`,
    owner: n % 3 === 1 ? 'k1tch3ntabl3' : 'aaaa1111bbbb',
    kind: kinds[n % 4] ?? 'map',
    created_at: hoursAgo(n * 30 + 2),
    used_at: hoursAgo(n * 9),
    expires_at: hoursAgo(-720 + n * 9),
    values: (n * 7) % 23,
  }))
}

export function departuresOf(query: URLSearchParams) {
  const is = (name: string, value: string) => !query.has(name) || query.get(name) === value
  const all = Array.from({ length: 130 }, (_, n) => departure(n)).filter(
    ({ destination, verdict }) => is('destination', destination) && is('verdict', verdict),
  )
  const from = Number(query.get('cursor') ?? 0)
  const limit = Number(query.get('limit') ?? 100)
  return { data: all.slice(from, from + limit), next: from + limit < all.length ? String(from + limit) : null }
}

function departure(n: number): DepartureView {
  const refused = (['leak_blocked', 'transcript', 'recogniser_unavailable', 'policy'] as const)[n % 4]
  const isRefused = n % 5 === 1
  const counts: Record<string, number> = {
    PERSON: (n % 3) + 1,
    EMAIL: n % 2,
    IBAN: n % 4 === 0 ? 1 : 0,
    SECRET: n % 7 === 0 ? 1 : 0,
  }
  const found = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0 && n % 6 !== 5))
  return {
    at: hoursAgo(n * 0.7),
    request: n % 9 === 4 ? null : `req_${String(1240 - n).padStart(24, '0')}`,
    owner: n % 9 === 4 ? 'house' : n % 3 === 1 ? 'k1tch3ntabl3' : 'aaaa1111bbbb',
    destination: n % 4 === 3 ? 'vendor' : 'a-cloud-with-a-rather-long-name',
    path: n % 2 === 0 ? '/chat/completions' : '/messages',
    bytes: 180 + n * 391,
    data: isRefused && refused === 'transcript' ? ['text', 'transcript'] : ['text'],
    policy: n % 4 === 3 ? 'strict' : 'default',
    verdict: isRefused ? 'refused' : 'sent',
    reason: isRefused ? (refused ?? null) : null,
    counts: isRefused ? {} : found,
  }
}
