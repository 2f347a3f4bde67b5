/**
 * The shape of the system as data; `test/architecture.test.ts` reads the sources and compares.
 * Whoever wants to change the shape changes it here first, with the reason.
 */

/** What a file belongs to: the longest matching path wins. Paths end in `/` for folders. */
export interface Area {
  readonly path: string
  /** Areas that it may import; its own files always. `types` after the path: only `import type`. */
  readonly imports: readonly string[]
  /** Packages and runtime modules (`node:*`, `bun:*`); capabilities below say who may use which of the latter. */
  readonly packages: readonly string[]
  /** Pure: no runtime, no clock, no chance, no console; kept by tsconfig.pure.json and by the test. */
  readonly isPure?: boolean
}

/** Business: one folder each under src/, with the same files in it. They never import each other. */
export const domains = [
  'auth',
  'metering',
  'privacy',
  'fleet',
  'gateway',
  'speech',
  'knowledge',
  'tools',
  'agents',
  'cloud',
  'monitor',
] as const
export type Domain = (typeof domains)[number]

/** Whom compose.ts introduces to whom: the left one's ports are served by the right ones. No cycles. */
export const uses: Readonly<Record<Domain | 'passage', readonly (Domain | 'passage')[]>> = {
  auth: [],
  metering: ['auth'],
  privacy: ['auth', 'metering'],
  fleet: ['auth', 'metering', 'privacy'],
  passage: ['auth', 'metering', 'privacy', 'fleet'],
  gateway: ['passage', 'fleet'],
  speech: ['passage', 'fleet'],
  knowledge: ['passage', 'fleet'],
  tools: ['passage', 'knowledge'],
  agents: ['passage', 'tools', 'knowledge'],
  cloud: ['auth', 'metering', 'fleet'],
  monitor: ['auth', 'metering', 'privacy', 'fleet', 'passage', 'gateway', 'cloud'],
}

/** The files of a domain. Each layer with the layers of its own domain that it may import; itself always. */
export const layers = {
  core: ['contract types', 'events types'],
  contract: ['core'],
  events: ['core', 'contract'],
  ports: ['core', 'contract', 'events'],
  errors: ['core', 'contract', 'events', 'ports'],
  migrations: ['core'],
  service: ['core', 'contract', 'errors', 'events', 'ports'],
  tasks: ['core', 'contract', 'errors', 'events', 'ports', 'service'],
  http: ['core', 'contract', 'errors', 'events', 'ports', 'service'],
  adapters: ['core', 'contract', 'errors', 'events', 'ports', 'service'],
  index: ['core', 'contract', 'errors', 'events', 'ports', 'service', 'tasks', 'http', 'adapters', 'migrations'],
} as const satisfies Readonly<Record<string, readonly string[]>>
export type Layer = keyof typeof layers

/** What all layers of a domain may import from outside of it. */
export const domainImports = ['src/kernel/', 'src/protocol/', 'src/platform/', 'src/config/contract.ts types'] as const
export const coreImports = ['src/kernel/', 'src/protocol/', 'src/config/contract.ts types'] as const
/** Packages that decide and do nothing: a `core/` may import them. */
export const corePackages: readonly string[] = ['libphonenumber-js', 'tldts', 're2js']
export const domainPackages = ['zod', 'kysely', 'node:path'] as const
/** Beside domainPackages, for layers that touch the machine. */
export const adapterPackages = ['node:*'] as const
/** Domains that serve public requests go through the passage. */
export const passengers: readonly Domain[] = ['gateway', 'speech', 'knowledge', 'tools', 'agents']

export const areas: readonly Area[] = [
  { path: 'src/kernel/', imports: [], packages: [], isPure: true },
  { path: 'src/protocol/', imports: ['src/kernel/'], packages: ['zod'], isPure: true },
  // What the world offers: the config fills its upstreams from it before any domain is there, so it is a layer too.
  { path: 'src/catalogue/', imports: ['src/kernel/', 'src/platform/', 'src/protocol/'], packages: ['zod', 'node:*'] },
  { path: 'src/catalogue/core/', imports: ['src/kernel/', 'src/protocol/'], packages: [], isPure: true },
  // Settings have routes, an overlay in the database and a page of their own, but every domain reads them: a layer, no
  // domain.
  {
    path: 'src/config/',
    imports: ['src/catalogue/core/', 'src/kernel/', 'src/platform/', 'src/protocol/'],
    packages: ['zod', 'yaml', 'kysely', 'node:*'],
  },
  {
    path: 'src/platform/',
    imports: ['src/kernel/', 'src/protocol/', 'src/config/contract.ts types'],
    packages: ['node:*', 'zod', 'bun:jsc'],
  },
  { path: 'src/platform/journal/', imports: platformImports(), packages: ['node:*', 'bun:sqlite'] },
  { path: 'src/platform/db/', imports: platformImports(), packages: ['node:*', 'bun:sqlite', 'kysely', 'pg'] },
  {
    path: 'src/platform/crypto/',
    imports: platformImports(),
    packages: ['node:*', '@peculiar/asn1-schema', '@peculiar/asn1-x509'],
  },
  // bun:ffi: one setsockopt, which no runtime has a name for; see platform/http/newest-listener.ts.
  { path: 'src/platform/http/', imports: platformImports(), packages: ['node:*', 'bun:ffi', 'hono', 'zod'] },
  { path: 'src/platform/egress/', imports: platformImports(), packages: ['node:*', 'ipaddr.js'] },
  { path: 'src/passage/', imports: ['src/kernel/', 'src/protocol/', 'src/platform/'], packages: [] },
  { path: 'src/compose.ts', imports: compositionImports(), packages: ['node:*', 'zod'] },
  { path: 'src/compose/', imports: compositionImports(), packages: ['node:*', 'zod'] },
  { path: 'src/roles.ts', imports: ['src/kernel/'], packages: [] },
  {
    path: 'src/main.ts',
    imports: ['src/kernel/', 'src/config/', 'src/platform/', 'src/compose.ts', 'src/compose/', 'src/roles.ts'],
    packages: ['node:*'],
  },
  { path: 'engines/', imports: ['src/kernel/', 'src/protocol/'], packages: ['node:*', 'zod'] },
  { path: 'sdk/typescript/', imports: ['src/kernel/ types', 'src/protocol/ types'], packages: ['node:http'] },
  { path: 'cli/', imports: ['sdk/typescript/', 'src/protocol/admin/ types'], packages: ['node:*'] },
  {
    path: 'web/',
    imports: ['src/kernel/words.ts types', 'src/protocol/admin/ types'],
    packages: [
      '@tailwindcss/vite',
      '@tanstack/react-query',
      '@vitejs/plugin-react',
      'dompurify',
      'highlight.js',
      'marked',
      'node:*',
      'react',
      'react-dom',
      'tailwindcss',
      'vite',
    ],
  },
]

function platformImports(): readonly string[] {
  return ['src/kernel/', 'src/protocol/', 'src/platform/', 'src/config/contract.ts types']
}

/** The composition root: doors and adapters of every domain. */
function compositionImports(): readonly string[] {
  const doors = domains.flatMap((domain) => [
    `src/${domain}/index.ts`,
    `src/${domain}/contract.ts types`,
    `src/${domain}/adapters/`,
  ])
  const own = ['src/compose.ts', 'src/compose/', 'package.json']
  return [
    'src/kernel/',
    'src/protocol/',
    'src/platform/',
    'src/catalogue/',
    'src/config/',
    'src/passage/',
    ...own,
    ...doors,
  ]
}

/** Something a program can do to the world, and the only places that may. */
export interface Capability {
  readonly name: string
  /** Global names, dotted: `Bun.connect`, `fetch`, `process.env`. */
  readonly uses: readonly string[]
  readonly modules: readonly string[]
  readonly guarded: readonly string[]
  readonly allowed: readonly { readonly path: string; readonly why: string }[]
}

export const capabilities: readonly Capability[] = [
  {
    name: 'outbound connections',
    uses: [
      'fetch',
      'WebSocket',
      'EventSource',
      'XMLHttpRequest',
      'Bun.fetch',
      'Bun.connect',
      'Bun.udpSocket',
      'Bun.dns',
    ].concat([
      'Bun.s3',
      'Bun.S3Client',
      'Bun.sql',
      'Bun.SQL',
      'Bun.redis',
      'Bun.RedisClient',
      'FetchSession',
      'WebTransport',
    ]),
    modules: ['net', 'tls', 'http', 'https', 'http2', 'dgram', 'dns', 'dns/promises'].flatMap((name) => [
      name,
      `node:${name}`,
    ]),
    guarded: ['src/', 'engines/', 'cli/', 'sdk/'],
    allowed: [
      { path: 'src/platform/egress/', why: 'the one way out of the house' },
      { path: 'sdk/typescript/', why: 'a client of the public API; the server does not import it' },
    ],
  },
  {
    name: 'seals of what may go to a cloud',
    uses: [],
    modules: ['#platform/egress/seal.ts'],
    guarded: ['src/'],
    allowed: [{ path: 'src/compose.ts', why: 'gives it to the door, which opens, and to privacy, which closes' }],
  },
  {
    name: 'database connections',
    uses: [],
    modules: ['pg', 'bun:sqlite'],
    guarded: ['src/', 'engines/', 'cli/', 'sdk/'],
    allowed: [
      { path: 'src/platform/db/', why: 'the owner of every database connection; pg opens its own sockets' },
      { path: 'src/platform/journal/folder-lock.ts', why: 'a lock that dies with its process, without a database' },
    ],
  },
  {
    name: 'listeners',
    uses: ['Bun.serve', 'Bun.listen'],
    modules: [],
    guarded: ['src/', 'cli/', 'sdk/'],
    allowed: [
      { path: 'src/platform/http/', why: 'every listener has the same limits and errors' },
      { path: 'src/platform/process/free-port.ts', why: 'asks the system for a free port and closes at once' },
    ],
  },
  {
    name: 'other programs',
    uses: ['Bun.spawn', 'Bun.spawnSync', 'Bun.$'],
    modules: ['child_process', 'node:child_process', 'cluster', 'node:cluster'],
    guarded: ['src/', 'engines/', 'cli/', 'sdk/'],
    allowed: [
      { path: 'src/platform/process/', why: 'marks children, so that none is left behind' },
      { path: 'cli/programs.ts', why: 'starts the server, opens the browser' },
      { path: 'cli/bin/hearth.js', why: 'finds the runtime of this checkout and becomes it' },
    ],
  },
  {
    name: 'the environment',
    uses: ['process.env', 'Bun.env', 'import.meta.env'],
    modules: [],
    guarded: ['src/', 'engines/', 'cli/', 'sdk/'],
    allowed: [
      { path: 'src/config/env.ts', why: 'the names and the parsing of every variable' },
      { path: 'cli/env.ts', why: 'the same for the command line' },
      { path: 'engines/llama/main.ts', why: 'the same for the engine: its starter tells it what it needs' },
    ],
  },
  {
    name: 'the clock',
    uses: ['Date.now', 'new Date()', 'performance.now', 'Bun.nanoseconds', 'process.hrtime', 'Bun.sleepSync'],
    modules: ['perf_hooks', 'node:perf_hooks'],
    guarded: ['src/'],
    allowed: [{ path: 'src/platform/clock.ts', why: 'time is a parameter' }],
  },
  {
    name: 'chance and digests',
    uses: [
      'Math.random',
      'crypto',
      'Bun.randomUUIDv7',
      'Bun.hash',
      'Bun.CryptoHasher',
      'Bun.password',
      'Bun.SHA256',
      'Bun.SHA512',
    ],
    modules: ['crypto', 'node:crypto'],
    guarded: ['src/'],
    allowed: [{ path: 'src/platform/crypto/', why: 'one place to get randomness and comparison right' }],
  },
]

/** Files of Workers: like `main.ts` they do their work when they are loaded, and nobody imports them. */
export const workers: readonly string[] = [
  'src/metering/adapters/sqlite-fold-worker.ts',
  'src/privacy/adapters/detection-worker.ts',
]

/** What pure code must not name at all, beside every capability above. */
export const impureNames = [
  'console',
  'process',
  'Bun',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
].concat([
  'performance',
  'Worker',
  'navigator',
  'window',
  'document',
  'localStorage',
  'Buffer',
  'require',
  'globalThis',
])

/** Folders that never meet: no file of the left reaches one of the right, at any distance, and the other way round. */
export const strangers = [['breakglass/', 'src/']] as const

/** What each process can reach is written in test/closures/<name>.txt. */
export const processes = [
  { name: 'server', entry: 'src/main.ts' },
  { name: 'cli', entry: 'cli/main.ts' },
  { name: 'engine-llama', entry: 'engines/llama/main.ts' },
] as const
