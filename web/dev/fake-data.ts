import type { FoundFile, HouseStatus, KeyView, ModelView, PublicModel, PullView, Suggestion } from '../src/api/types.ts'

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()
const GiB = 2 ** 30
const MiB = 2 ** 20

const base: ModelView = {
  id: '',
  engine: 'llama',
  state: 'stopped',
  from: 'config',
  label: null,
  capabilities: ['chat', 'completion'],
  context: 8192,
  memoryBytes: null,
  ttlMs: 600_000,
  isPinned: false,
  phase: null,
  etaSeconds: null,
  progress: null,
  inFlight: 0,
  queued: 0,
  readySince: null,
  lastUsedAt: null,
  failure: null,
  pid: null,
}

export const smokeLabel = 'Test model: its words are nonsense; it proves the path.'

export const startModels = (): ModelView[] => [
  {
    ...base,
    id: 'hearth/smoke',
    from: 'builtin',
    label: smokeLabel,
    context: 2048,
    state: 'ready',
    readySince: minutesAgo(3),
    memoryBytes: { value: 12 * MiB, from: 'measured' },
    pid: 4242,
  },
  {
    ...base,
    id: 'qwen3-8b-instruct',
    state: 'ready',
    capabilities: ['chat', 'completion', 'tools'],
    context: 32_768,
    memoryBytes: { value: 7.4 * GiB, from: 'measured' },
    readySince: minutesAgo(94),
    inFlight: 2,
    queued: 1,
    isPinned: true,
    ttlMs: null,
  },
  {
    ...base,
    id: 'gemma-3-12b-it',
    state: 'loading',
    phase: 'loading',
    capabilities: ['chat', 'completion', 'vision'],
    memoryBytes: { value: 9.1 * GiB, from: 'estimated' },
    etaSeconds: 14,
    progress: { doneBytes: 4.2 * GiB, totalBytes: 8.1 * GiB, bytesPerSecond: 310 * MiB },
  },
  {
    ...base,
    id: 'bge-m3',
    capabilities: ['embedding'],
    memoryBytes: { value: 1.2 * GiB, from: 'estimated' },
    lastUsedAt: minutesAgo(190),
  },
  {
    ...base,
    id: 'mistral-small-24b-instruct-2506-with-a-rather-long-name-q4_k_m',
    state: 'failed',
    failure:
      'llama exited with code 1 after 2.1 s: tensor "blk.17.ffn_down.weight" has wrong shape; expected 14336 × 5120.',
    memoryBytes: { value: 14.8 * GiB, from: 'estimated' },
  },
  {
    ...base,
    id: 'hearth/smoke-rank',
    from: 'builtin',
    label: smokeLabel,
    capabilities: ['rerank'],
    context: 512,
  },
  { ...base, id: '<img src=x onerror=alert(1)>', from: 'overlay', context: null, ttlMs: null },
]

export const startKeys = (): KeyView[] => {
  const key = {
    id: 'aaaa1111bbbb',
    name: 'Admin of this machine',
    scopes: ['admin'],
    models: null,
    limits: {
      requestsPerMinute: null,
      requestsPerHour: null,
      requestsPerDay: null,
      requestsPerMonth: null,
      tokensPerMinute: null,
      tokensPerHour: null,
      tokensPerDay: null,
      tokensPerMonth: null,
      concurrency: null,
      weight: null,
      priority: null,
    },
    owner: null,
    budget: null,
    createdAt: minutesAgo(60 * 24 * 12),
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: minutesAgo(0),
    previousSecretUntil: null,
  } satisfies KeyView
  return [
    key,
    {
      ...key,
      id: 'k1tch3ntabl3',
      name: 'Kitchen tablet',
      scopes: ['inference'],
      models: ['qwen3-8b-instruct', 'office-vllm/*'],
      limits: { ...key.limits, requestsPerMinute: 60, tokensPerMinute: 40_000, concurrency: 2, weight: 3 },
      createdAt: minutesAgo(60 * 24 * 3),
      lastUsedAt: minutesAgo(17),
      previousSecretUntil: new Date(Date.now() + 3_600_000).toISOString(),
    },
    {
      ...key,
      id: 'b4ckupscript',
      name: 'Backup script <b>bold</b>',
      scopes: ['inference', 'monitor'],
      limits: { ...key.limits, priority: 'batch' },
      createdAt: minutesAgo(60 * 30),
      expiresAt: new Date(Date.now() + 20 * 86_400_000).toISOString(),
      lastUsedAt: null,
    },
    {
      ...key,
      id: 'oldold0ldold',
      name: 'Old laptop',
      scopes: ['inference'],
      createdAt: minutesAgo(60 * 24 * 300),
      revokedAt: minutesAgo(60),
    },
  ]
}

export const status = (models: readonly ModelView[]): HouseStatus => ({
  version: '0.1.0',
  startedAt: minutesAgo(600),
  uptimeSeconds: 36_000,
  address: 'http://127.0.0.1:9999',
  tls: null,
  home: '/srv/hearth',
  database: 'sqlite',
  egress: { cloudText: 'raw' },
  warnings: ['egress.cloudText is raw: text to cloud upstreams leaves this house as it is.'],
  memory: {
    budgetBytes: 24 * GiB,
    usedBytes: models
      .filter((model) => model.state === 'ready')
      .reduce((sum, model) => sum + (model.memoryBytes?.value ?? 0), 0),
    from: 'measured',
  },
  upstreams: [
    {
      name: 'office-vllm',
      kind: 'openai',
      baseUrl: 'http://10.0.0.5:8888/v1',
      locality: 'lan',
      models: 3,
      isReachable: true,
      lastError: null,
    },
    {
      name: 'attic',
      kind: 'openai',
      baseUrl: 'http://10.0.0.9:8000/v1',
      locality: 'lan',
      models: null,
      isReachable: false,
      lastError: 'Connection refused at 10.0.0.9:8000.',
    },
  ],
})

export const suggestions: readonly Suggestion[] = [
  {
    ref: 'Qwen/Qwen3-0.6B-GGUF:Qwen3-0.6B-Q8_0.gguf',
    name: 'Qwen3 0.6B',
    description: 'Tiny and quick; for trying things out.',
    sizeBytes: 640 * MiB,
    memoryBytes: 1.1 * GiB,
    licence: 'Apache-2.0',
    fits: true,
  },
  {
    ref: 'Qwen/Qwen3-4B-GGUF:Qwen3-4B-Q4_K_M.gguf',
    name: 'Qwen3 4B',
    description: 'A good first model for a laptop.',
    sizeBytes: 2.5 * GiB,
    memoryBytes: 3.6 * GiB,
    licence: 'Apache-2.0',
    fits: true,
  },
  {
    ref: 'ggml-org/gemma-3-12b-it-GGUF:gemma-3-12b-it-Q4_K_M.gguf',
    name: 'Gemma 3 12B',
    description: 'Reads pictures too; many languages.',
    sizeBytes: 7.3 * GiB,
    memoryBytes: 9.1 * GiB,
    licence: 'Apache-2.0',
    fits: true,
  },
  {
    ref: 'bartowski/Llama-3.3-70B-Instruct-GGUF:Llama-3.3-70B-Instruct-Q4_K_M.gguf',
    name: 'Llama 3.3 70B',
    description: 'Large and thorough.',
    sizeBytes: 42.5 * GiB,
    memoryBytes: 46 * GiB,
    licence: 'Llama 3.3',
    fits: false,
  },
]

export const library: readonly FoundFile[] = [
  {
    name: 'gemma3:4b',
    path: '/srv/ollama/models/blobs/sha256-aeda25e63ebd',
    sizeBytes: 3.3 * GiB,
    from: 'ollama',
    id: null,
  },
  {
    name: 'Phi-4-mini-instruct-Q4_K_M.gguf',
    path: '/srv/lmstudio/models/phi/Phi-4-mini-instruct-Q4_K_M.gguf',
    sizeBytes: 2.4 * GiB,
    from: 'lmstudio',
    id: null,
  },
  {
    name: 'qwen3-8b-q4_k_m.gguf',
    path: '/srv/hearth/models/qwen3-8b-q4_k_m.gguf',
    sizeBytes: 5 * GiB,
    from: 'hearth',
    id: 'qwen3-8b-instruct',
  },
]

export const runningPull = (): PullView => ({
  id: 'pull-1',
  ref: 'Qwen/Qwen3-4B-GGUF:Qwen3-4B-Q4_K_M.gguf',
  modelId: null,
  state: 'running',
  doneBytes: 0.9 * GiB,
  totalBytes: 2.5 * GiB,
  bytesPerSecond: 24 * MiB,
  etaSeconds: 68,
  failure: null,
})

export function publicModels(models: readonly ModelView[]): PublicModel[] {
  const local = models.map((model): PublicModel => ({
    id: model.id,
    owned_by: 'hearth',
    hearth: { state: model.state, label: model.label, capabilities: model.capabilities, context: model.context },
  }))
  return [
    ...local,
    {
      id: 'office-vllm/qwen3-30b-a3b',
      owned_by: 'office-vllm',
      hearth: { state: 'external' as const, label: null, capabilities: null, context: null },
    },
  ]
}

export const markdownAnswer = `Here is what a hearth needs:

1. **Dry wood**, split and seasoned
2. A *draught* that can be closed
   \`\`\`sh
   hearth models load qwen3-8b-instruct
   \`\`\`
3. Somebody who watches it

| Wood | kWh/kg | Sparks |
|------|-------:|:------:|
| Beech | 4.0 | few |
| Spruce | 4.5 | many |

\`\`\`python
from openai import OpenAI

client = OpenAI(base_url="http://127.0.0.1:9999/v1", api_key="hk-…")
print(client.models.list().data[0].id)  # a line that is long enough to need its own scroll bar on a phone
\`\`\`

> A fire is a good servant. See [the manual](https://example.org/fire "manual").

<script>window.hacked = 1</script><img src="x" onerror="window.hacked = 2">
[a trap](javascript:window.hacked=3) ![pixel](https://example.org/pixel.png)
`
