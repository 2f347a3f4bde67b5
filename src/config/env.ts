import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * What the environment says, by its documented names. The only place of `src/` that reads `process.env`: whatever
 * else is set there cannot change this program, and `.env` files are not read.
 */
export interface Environment {
  readonly home: string
  readonly enginesDir: string
  readonly host: string | null
  readonly port: string | null
  readonly adminKey: string | null
  readonly databaseUrl: string | null
  /** `HEARTH_PRIVACY_KEY`: what values are sealed with; null = `privacy.key` in the home. */
  readonly privacyKey: string | null
  /** `HEARTH_CONFIG`; null = `hearth.yaml` in the home, which may be missing. */
  readonly configFile: string | null
  readonly huggingfaceToken: string | null
  readonly huggingfaceEndpoint: string | null
  readonly logLevel: string | null
  readonly logFormat: string | null
  readonly isColorUnwanted: boolean
  /** `PATH`, `HOME`, `LANG` …: what a child process may need; never our secrets. */
  readonly forChildren: Readonly<Record<string, string>>
  /** The person's home folder, where other programs keep their models. */
  readonly userHome: string
  /** Where the hub's own cache lies, from `HF_HOME` or `HF_HUB_CACHE`; null = its default. */
  readonly huggingfaceCache: string | null
  /** Where Ollama keeps its models, from `OLLAMA_MODELS`; null = its default. */
  readonly ollamaModels: string | null
  /** A variable that the configuration names as `${NAME}`; null = not set. */
  variable(name: string): string | null
}

/** Handed to engines: what a program needs to find its libraries and its devices, and nothing that is a secret. */
const childVariables = [
  'PATH',
  'HOME',
  'USER',
  'LANG',
  'LC_ALL',
  'TMPDIR',
  'TZ',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
  'CUDA_HOME',
  'CUDA_VISIBLE_DEVICES',
  'HIP_VISIBLE_DEVICES',
  'ROCR_VISIBLE_DEVICES',
  'GGML_VK_VISIBLE_DEVICES',
  'NVIDIA_VISIBLE_DEVICES',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'SYSTEMROOT',
]

export function readEnvironment(variables: Readonly<Record<string, string | undefined>> = process.env): Environment {
  // An empty variable is one that somebody took back: `HEARTH_PORT= hearth serve`.
  const variable = (name: string): string | null => variables[name]?.trim() || null
  const userHome = variable('HOME') ?? homedir()
  const home = resolve(variable('HEARTH_HOME') ?? join(userHome, '.hearth'))
  const hubHome = variable('HF_HOME')
  const children = childVariables.flatMap((name) =>
    variables[name] === undefined ? [] : [[name, variables[name]] as const],
  )
  return {
    home,
    enginesDir: resolve(variable('HEARTH_ENGINES_DIR') ?? join(home, 'engines')),
    host: variable('HEARTH_HOST'),
    port: variable('HEARTH_PORT'),
    adminKey: variable('HEARTH_ADMIN_KEY'),
    databaseUrl: variable('HEARTH_DATABASE_URL'),
    privacyKey: variable('HEARTH_PRIVACY_KEY'),
    configFile: variable('HEARTH_CONFIG'),
    huggingfaceToken: variable('HF_TOKEN'),
    huggingfaceEndpoint: variable('HF_ENDPOINT'),
    logLevel: variable('HEARTH_LOG_LEVEL'),
    logFormat: variable('HEARTH_LOG_FORMAT'),
    isColorUnwanted: variable('NO_COLOR') !== null,
    forChildren: Object.fromEntries(children),
    userHome,
    huggingfaceCache: variable('HF_HUB_CACHE') ?? (hubHome === null ? null : join(hubHome, 'hub')),
    ollamaModels: variable('OLLAMA_MODELS'),
    variable,
  }
}

/**
 * Bun reads these only when a process starts: 256 requests in flight would be all otherwise, and crash reports would
 * leave the house. The environment to start again with; null when it is right already.
 */
export function environmentToStartWith(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> | null {
  const wanted = { BUN_CONFIG_MAX_HTTP_REQUESTS: '65535', DO_NOT_TRACK: '1' }
  if (Object.entries(wanted).every(([name, value]) => variables[name] === value)) return null
  const set = Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return { ...Object.fromEntries(set), ...wanted }
}
