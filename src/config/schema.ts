import { z } from 'zod'
import {
  amount,
  choice,
  count,
  days,
  duration,
  durationOrNever,
  flag,
  leaf,
  share,
  size,
  text,
  webAddress,
} from './leaves.ts'
import { splitArgv } from './argv.ts'
import { auth } from './schema-auth.ts'
import { compat } from './schema-compat.ts'
import { privacy, upstreamPrivacy } from './schema-privacy.ts'
import { route, routing, upstreamRouting } from './schema-routing.ts'
import { encryption, hosts } from './schema-tls.ts'

/**
 * The shape of `hearth.yaml`. Types, defaults, problems, JSON Schema, the page of settings and the check of
 * `config.example.yaml` all come from here. Descriptions are for operators.
 */
const name = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
/** No spaces and nothing that a URL path or a log line would trip over; slashes are allowed. */
const modelName = /^[A-Za-z0-9][A-Za-z0-9._:@+/-]{0,199}$/

const server = z.strictObject({
  host: hosts()
    .prefault('127.0.0.1')
    .describe(
      'Where it listens: one address, or a list. `127.0.0.1` reaches only this machine; `0.0.0.0` the whole network. ' +
        'Keys are needed either way.',
    ),
  port: count({ min: 0, max: 65_535, example: 9999 }).prefault(9999).describe('The port. 0 takes any free one.'),
  loadWait: duration()
    .prefault('60s')
    .describe('How long a call that does not stream waits for a model that is loading; then it is answered 503.'),
  drain: duration().prefault('30s').describe('How long running streams may go on after SIGTERM.'),
  corsOrigins: z
    .array(text({ what: 'an origin, or *', example: 'https://chat.example.org' }))
    .prefault([])
    .describe('Origins whose pages may call the API from a browser. Empty: none.'),
  publicUrl: webAddress('https://hearth.example.org')
    .optional()
    .describe('The address people use where a reverse proxy stands in front.'),
  ...encryption,
})

const poolRef = () => text({ what: 'the name of a pool', example: 'gpu-0', pattern: name })

const pool = z.strictObject({
  name: text({
    what: 'a name of letters, digits, dots, dashes and underscores',
    example: 'gpu-0',
    pattern: name,
  }).describe('The name that upstreams and models name it by.'),
  concurrency: count({ min: 1, max: 100_000, example: 3 }).describe(
    'The most requests at once, of all that name it together; further ones wait.',
  ),
  perKey: count({ min: 1, max: 100_000, example: 2 })
    .optional()
    .describe('The most of them at once of one key. Not said: one key may have all.'),
})

const price = z.strictObject({
  input: amount().describe('Dollars per million prompt tokens.'),
  output: amount().describe('Dollars per million completion tokens.'),
  cached: amount().optional().describe('Dollars per million prompt tokens that came from the cache.'),
})

export const upstream = z
  .strictObject({
    provider: text({ what: 'the name of a provider', example: 'groq', pattern: name })
      .optional()
      .describe(
        'Who it is, as the catalogue names them (`hearth catalogue providers`): then name, kind, baseUrl, apis and ' +
          'locality are known, and so are the context, the longest answers and the prices of its models. What is said ' +
          'here goes before it.',
      ),
    name: text({
      what: 'a name of letters, digits, dots, dashes and underscores, without a slash',
      example: 'office-vllm',
      pattern: name,
    }).describe('Its models are also reachable as `<name>/<model>`. Not said: `provider`.'),
    kind: choice(['openai', 'anthropic', 'azure', 'gemini'])
      .prefault('openai')
      .describe(
        'Whose API it has: `openai` (and all who speak it), `anthropic` for the Messages API, `azure` for Azure OpenAI, ' +
          '`gemini` for the OpenAI endpoint of Gemini.',
      ),
    baseUrl: webAddress('http://10.0.0.5:8888/v1').describe(
      "As the vendor's SDK takes it; with and without `/v1` are both accepted. Not said: that of `provider`.",
    ),
    ...upstreamRouting,
    ...upstreamPrivacy,
    apiKey: text({ what: 'a text', example: 'apiKey: ${OFFICE_KEY}', isSecret: true })
      .optional()
      .describe('Its key; write `${NAME}` to take it from the environment.'),
    locality: choice(['lan', 'cloud'])
      .optional()
      .describe(
        '`lan`: it stands in your network. `cloud`: it is somebody else’s. Not said: cloud, unless all its ' +
          'addresses are loopback or private.',
      ),
    models: z
      .array(text({ what: 'a model name, or *', example: '"*"' }))
      .prefault(['*'])
      .describe('Which of its models are offered; `"*"` asks its `/v1/models`.'),
    concurrency: count({ min: 1, max: 100_000 })
      .optional()
      .describe('The most requests at once; further ones wait in the queue. Not said: no limit.'),
    pool: poolRef().optional().describe('A pool of `pools` that its requests count in, beside `concurrency`.'),
    audio: flag()
      .prefault(false)
      .describe('It only hears or speaks. Without `pool`, three of its requests run at once and two of one key.'),
    splitThink: flag().prefault(false).describe('Moves `<think>…</think>` out of the answer into `reasoning_content`.'),
    prices: z
      .record(z.string(), price)
      .prefault({})
      .describe(
        'Prices by model name, `"*"` for all others. Not said: those that the catalogue has of `provider`; without a ' +
          'price a cost is not shown.',
      ),
  })
  .meta({ required: [], anyOf: [{ required: ['name', 'baseUrl'] }, { required: ['provider'] }] })

/** argv, from an array or from one line of text. */
const command = leaf<readonly string[]>({
  what: 'a program with its arguments, as a list or as one line (no shell is used: no pipes, no variables of a shell)',
  example: 'llama-server -m /models/a.gguf --port ${PORT}',
  json: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1 }] },
  why(value) {
    const split = typeof value === 'string' ? splitArgv(value) : null
    return split?.ok === false ? split.why : null
  },
  parse(value) {
    if (Array.isArray(value))
      return value.length > 0 && value.every((word) => typeof word === 'string') ? value : undefined
    const split = typeof value === 'string' ? splitArgv(value) : null
    return split?.ok ? split.argv : undefined
  },
})

const gpuLayers = leaf<number | 'auto'>({
  what: 'auto or a whole number',
  example: 'auto',
  json: { anyOf: [{ const: 'auto' }, { type: 'integer', minimum: 0 }] },
  parse: (value) =>
    value === 'auto' || (typeof value === 'number' && Number.isInteger(value) && value >= 0) ? value : undefined,
})

const path = (example: string) => text({ what: 'a path', example })

export const model = z.strictObject({
  id: text({
    what: 'a name without spaces (letters, digits and . _ : @ + / -)',
    example: 'tiny-a',
    pattern: modelName,
  }).describe('The name callers use.'),
  label: text({ what: 'a text', example: 'for drafts' })
    .optional()
    .describe('What people should know before they use it.'),
  engine: choice(['llama', 'command']).optional().describe('Which engine runs it. `llama` unless `cmd` is given.'),
  file: path('./tiny-a.gguf')
    .optional()
    .describe('A GGUF file, relative to this file. `smoke`: the tiny test model that Hearth writes itself.'),
  hf: text({
    what: 'org/repo:file.gguf, where wanted with a revision (org/repo@revision:file.gguf)',
    example: 'Qwen/Qwen3-0.6B-GGUF:Qwen3-0.6B-Q8_0.gguf',
    pattern: /^[\w.-]+\/[\w.-]+(@[\w./-]+)?:[^\s:]+\.gguf$/i,
  })
    .optional()
    .describe('Instead of `file`: a file on Hugging Face, fetched at the first use.'),
  cmd: command
    .optional()
    .describe('Instead of `file`: any program that speaks the OpenAI dialect. `${PORT}` and `${HOST}` are filled in.'),
  env: z
    .record(z.string(), text({ what: 'a text', example: '"1"' }))
    .prefault({})
    .describe('Environment variables for `cmd`.'),
  modelName: text({ what: 'a text', example: 'qwen3-30b' })
    .optional()
    .describe('The name that `cmd` knows the model by, if it is not the id.'),
  mmproj: path('./mmproj.gguf')
    .optional()
    .describe(
      'The projector file of a model that reads images; with `cmd` only. The engine `llama` cannot read images yet.',
    ),
  lora: z
    .array(z.strictObject({ path: path('./style.gguf'), scale: amount().prefault(1) }))
    .prefault([])
    .describe('LoRA adapters that are laid over the weights.'),
  context: count({ min: 16, max: 10_000_000 })
    .optional()
    .describe('Tokens of context per request. Not said: what the model was trained for, as far as memory goes.'),
  parallel: count({ min: 1, max: 512 }).prefault(4).describe('Requests that are answered at once.'),
  gpuLayers: gpuLayers.prefault('auto').describe('Layers on the GPU.'),
  memory: size().optional().describe('An estimate of the memory it needs; measured and remembered later.'),
  ttl: durationOrNever()
    .prefault('never')
    .describe('Unloaded after so long without a request; `never`: only to make room for another.'),
  preload: flag().prefault(false).describe('Loaded at the start, not at the first request.'),
  pin: flag().prefault(false).describe('Never unloaded to make room for another.'),
  loadDeadline: duration()
    .optional()
    .describe('Loading longer than this has failed. Not said: reckoned from its size.'),
  readyPath: text({ what: 'a path that begins with /', example: '/health', pattern: /^\// })
    .prefault('/health')
    .describe('Where `cmd` says that it is up.'),
  embeddings: flag().prefault(false).describe('It embeds texts (`/v1/embeddings`).'),
  rerank: flag().prefault(false).describe('It ranks documents (`/v1/rerank`).'),
  pool: poolRef().optional().describe('A pool of `pools` that its requests count in, beside `parallel`.'),
  audio: flag()
    .prefault(false)
    .describe('It hears or speaks. Without `pool`, three of its requests run at once and two of one key.'),
})

const fleet = z.strictObject({
  memory: size().optional().describe('The memory that models may use on this machine. Not said: measured.'),
  swap: choice(['on-demand', 'never'])
    .prefault('on-demand')
    .describe(
      '`on-demand`: a request may unload an idle model to make room; each time stands in the audit log. ' +
        '`never`: it is answered 503 instead.',
    ),
  maxQueuePerModel: count({ min: 0, max: 100_000 })
    .prefault(64)
    .describe('The most requests that wait for a model; further ones are answered 503.'),
  maxQueuePerKey: count({ min: 1, max: 100_000 })
    .optional()
    .describe('The most of them of one key. Not said: three quarters, so that others find room.'),
  batchAge: duration()
    .prefault('30s')
    .describe('When a batch request has waited so long, every fourth free place goes to batch requests.'),
  engineSilence: duration()
    .prefault('2m')
    .describe(
      'A local engine that says nothing to any of its requests for so long is asked for a token; if none comes, it is ' +
        'started again.',
    ),
  drain: duration().prefault('30s').describe('How long requests of a model may go on before it is unloaded.'),
  log: size().prefault('4MiB').describe('The most of an engine’s log that is kept.'),
})

const egress = z.strictObject({
  cloudText: choice(['scrub', 'deny', 'raw'])
    .prefault('scrub')
    .describe(
      '`scrub`: text leaves for a cloud with identifiers replaced, as `privacy.policies` say. `deny`: none leaves. ' +
        '`raw`: it goes as it is, whatever a policy says (a warning at every start).',
    ),
  proxy: webAddress('http://proxy.example.org:3128')
    .optional()
    .describe('A proxy for connections to clouds. Proxy variables of the environment are not honoured.'),
})

const hub = z.strictObject({
  huggingface: webAddress('https://huggingface.co')
    .prefault('https://huggingface.co')
    .describe('Where models are pulled from: Hugging Face, or a mirror.'),
})

const limits = z.strictObject({
  requestBody: size().prefault('64MiB').describe('The largest body of a model request; larger ones are answered 413.'),
  controlBody: size().prefault('1MiB').describe('The largest body of any other request.'),
  responseBody: size().prefault('64MiB').describe('The largest answer of an upstream that does not stream.'),
  bodyRead: duration().prefault('2m').describe('How long a client may take to send its body.'),
  stalledReader: duration().prefault('2m').describe('A client that takes nothing for so long is left.'),
  connect: duration().prefault('5s').describe('How long an upstream may take to accept a connection.'),
  firstByte: duration().prefault('15m').describe('How long an upstream may be silent before its answer begins.'),
  idle: duration().prefault('5m').describe('How long an upstream may be silent within its answer.'),
  total: duration().prefault('2h').describe('How long a request may take in all.'),
  eventBuffer: count({ min: 16, max: 1_000_000 })
    .prefault(2048)
    .describe('Events that are kept for listeners that come back.'),
  uploadBody: size()
    .prefault('512MiB')
    .describe('The largest recording or picture that is sent in a form; larger ones are answered 413.'),
  uploadMemory: size()
    .prefault('1MiB')
    .describe('How much of an upload is kept in memory; the rest waits in a file without a name in HEARTH_HOME/tmp.'),
  uploadDisk: size()
    .prefault('4GiB')
    .describe('The most that all uploads on their way may take of the disk; further ones are answered 503.'),
  socketMessage: size()
    .prefault('16MiB')
    .describe('The largest message of a WebSocket (`/v1/realtime`); a longer one ends it. From clients: at a start.'),
  socketIdle: duration()
    .prefault('10m')
    .describe('A WebSocket on which neither side says anything for so long is closed.'),
  journal: size().prefault('64MiB').describe('The most of the journal that waits to be written to the database.'),
  requestRetention: days().prefault('90d').describe('How long the list of requests is kept.'),
})

const log = z.strictObject({
  bodies: choice(['off', 'errors', 'all'])
    .prefault('off')
    .describe(
      'Whether the bodies of requests and answers are kept: `off`, of failed requests (`errors`), or `all`. Headers ' +
        'and keys never are. A caller takes its request out with `x-hearth-log: off`.',
    ),
  bodySize: size().prefault('64KiB').describe('How much of a body is kept; the rest is cut.'),
  size: size().prefault('1GiB').describe('The most of all bodies together; the oldest go first.'),
  retention: days().prefault('7d').describe('How long bodies are kept.'),
  optIn: flag()
    .prefault(false)
    .describe('A caller may have the bodies of a request kept with `x-hearth-log: on`, whatever `bodies` says.'),
  exceptKeys: z
    .array(text({ what: "a key's public id, 12 of a-z and 0-9", example: 'k3yab12cd34e', pattern: /^[a-z0-9]{12}$/ }))
    .prefault([])
    .describe('Keys whose bodies are never kept, by their public id.'),
})

const cache = z.strictObject({
  size: size()
    .prefault('256MiB')
    .describe('The most memory of answers that are kept for routes with `cache`; the least used go first.'),
  entrySize: size().prefault('1MiB').describe('Longer answers are not kept.'),
})

const telemetry = z.strictObject({
  otlp: webAddress('http://127.0.0.1:4318')
    .optional()
    .describe(
      'Where traces go: a receiver of OTLP over HTTP (`/v1/traces` is added unless the address ends so). Not said: ' +
        'nothing is sent.',
    ),
  headers: z
    .record(z.string(), text({ what: 'a text', example: 'x-api-key: ${OTLP_KEY}', isSecret: true }))
    .prefault({})
    .describe('Headers for it, for example its key; write `${NAME}` to take a value from the environment.'),
  sample: share()
    .prefault(1)
    .describe('The share of requests that is traced, from 0 to 1. A caller’s `traceparent` is followed either way.'),
  queue: count({ min: 100, max: 1_000_000 })
    .prefault(5000)
    .describe('Requests that wait to be sent; further ones are lost and counted.'),
})

const responses = z.strictObject({
  store: choice(['on', 'off'])
    .prefault('on')
    .describe(
      'Whether answers of `/v1/responses` are kept for the key that asked, as callers expect it (`previous_response_id`, ' +
        '`background`). What is kept is the text of prompts and answers. `off`: nothing is, whatever a request says.',
    ),
  retention: days().prefault('30d').describe('How long they are kept.'),
  body: size().prefault('4MiB').describe('The most of a request and of an answer that is kept; larger ones are not.'),
  background: count({ min: 0, max: 10_000 })
    .prefault(16)
    .describe('The most responses at once that run in the background; further ones are answered 503.'),
})

export const configSchema = z.strictObject({
  server: server.prefault({}),
  upstreams: z
    .array(upstream)
    .prefault([])
    .describe('Services that speak the OpenAI dialect: in your network, or a vendor’s.'),
  models: z.array(model).prefault([]).describe('Models that this machine runs itself.'),
  prices: z
    .record(z.string(), price)
    .prefault({})
    .describe(
      'What models cost, by `<upstream>/<model>` or `local/<model>`, in dollars per million tokens, for example ' +
        '`"cap/m": { input: 1.0, output: 2.0 }`. It goes before `prices` of the upstream. Budgets rest on it.',
    ),
  pools: z
    .array(pool)
    .prefault([])
    .describe('What several upstreams or models share, for example one GPU: how much work runs there at once.'),
  fleet: fleet.prefault({}),
  routes: z.array(route).prefault([]).describe('Aliases, and who answers for them.'),
  routing: routing.prefault({}),
  egress: egress.prefault({}),
  privacy: privacy.prefault({}).describe('What leaves the house, and how. See docs/guides/privacy.md.'),
  hub: hub.prefault({}),
  limits: limits.prefault({}),
  auth: auth.prefault({}).describe('People: accounts and sign-ins. See docs/guides/people.md.'),
  compat: compat.prefault({}).describe('Listeners that answer as other systems do.'),
  log: log.prefault({}),
  cache: cache.prefault({}),
  telemetry: telemetry.prefault({}),
  responses: responses.prefault({}),
})

/** What the schema makes of the file: units are gone, defaults are in. */
export type Settings = z.output<typeof configSchema>
export type ModelSettings = z.output<typeof model>
export type UpstreamSettings = z.output<typeof upstream>

/**
 * Names that were, or that people bring from elsewhere, and what to write instead. `[]` stands for any entry of a
 * list.
 */
export const writeInstead: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'server.bind': '`host` and `port`',
    'server.address': '`host` and `port`',
    'server.loadWaitMs': '`loadWait` with a unit, for example `loadWait: 60s`',
    'server.cors': '`corsOrigins`',
    'server.https': '`tls`',
    'server.ssl': '`tls`',
    'server.hosts': '`host`, which takes a list,',
    'server.trustProxy': '`trustedProxies`, a list of addresses,',
    'server.tls.cert': '`certificate`',
    'server.tls.ca': '`server.mutualTls.clientCa`',
    'server.adminKey': 'the environment variable HEARTH_ADMIN_KEY',
    'server.home': 'the environment variable HEARTH_HOME',
    home: 'the environment variable HEARTH_HOME',
    database: 'the environment variable HEARTH_DATABASE_URL',
    providers: '`upstreams`',
    aliases: '`routes`',
    'upstreams[].url': '`baseUrl`',
    'upstreams[].base_url': '`baseUrl`',
    'upstreams[].key': '`apiKey`',
    'upstreams[].api_key': '`apiKey`',
    'upstreams[].type': '`kind`',
    'upstreams[].id': '`name`',
    'models[].name': '`id`',
    'models[].path': '`file`',
    'models[].model': '`file`, `hf` or `cmd`',
    'models[].command': '`cmd`',
    'models[].ctx': '`context`',
    'models[].contextLength': '`context`',
    'models[].memoryBytes': '`memory` with a unit, for example `memory: 1GiB`',
    'models[].ngl': '`gpuLayers`',
    'fleet.memoryBytes': '`memory` with a unit, for example `memory: 24GiB`',
    'egress.cloud_text': '`cloudText`',
    'privacy.policy': '`policies`, a list with names,',
    'privacy.ner': '`recogniser`',
    'privacy.presidio': '`recogniser: { url: … }`, or `compat.presidio` for a port that answers as Presidio does,',
    'privacy.recogniser.timeoutMs': '`timeout` with a unit, for example `timeout: 2s`',
    'privacy.directory': 'the lists at run time, with `hearth privacy lists`,',
    'privacy.denyList': 'the lists at run time, with `hearth privacy lists`,',
    'privacy.allowList': 'the lists at run time, with `hearth privacy lists`,',
    'routes[].name': '`model`',
    'routes[].alias': '`model`, or `aliases` for several',
    'routes[].strategy': '`policy`',
    'routes[].fallback': '`fallbacks`',
    'upstreams[].api_version': '`apiVersion`',
    router: '`routing`',
    model_list: '`upstreams` and `routes`, as docs/guides/from-litellm.md tells,',
    router_settings: '`routes` and `routing`, as docs/guides/from-litellm.md tells,',
    litellm_settings: '`routes`, `cache` and `telemetry`, as docs/guides/from-litellm.md tells,',
    general_settings: 'the environment variables HEARTH_ADMIN_KEY and HEARTH_DATABASE_URL',
    'upstreams[].api_base': '`baseUrl`',
    'routes[].timeout': '`deadlines`, for example `deadlines: { total: 10m }`,',
    'routes[].num_retries': '`retries`, for example `retries: { attempts: 1 }`,',
    'routes[].model_name': '`model`',
    'routes[].routing_strategy': '`policy`',
  }),
)
