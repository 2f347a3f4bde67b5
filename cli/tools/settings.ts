/** What a program needs to work with this house. */
export interface ToolSettings {
  /** In order; null = the key, which is told only where the person gave it. */
  readonly variables: Readonly<Record<string, string | null>>
  /** Keys for other addresses, which the program would show to this one. */
  readonly unset: readonly string[]
  /** A program that takes its settings as arguments and not from the environment. */
  readonly command: { readonly name: string; readonly args: readonly string[] } | null
}

export interface ToolAsk {
  /** `http://127.0.0.1:9999`, without a slash at its end. */
  readonly address: string
  readonly model: { readonly id: string; readonly context: number | null } | null
}

/** A house that listens everywhere is reached by loopback from its own machine: `0.0.0.0` is no address to call. */
export const reachable = (address: string): string =>
  address.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:')

/** Where programs that read no variable of their own for it find the key. */
export const keyVariable = 'HEARTH_API_KEY'

const familyModels = ['ANTHROPIC_DEFAULT_HAIKU_MODEL', 'ANTHROPIC_DEFAULT_SONNET_MODEL', 'ANTHROPIC_DEFAULT_OPUS_MODEL']

/** docs/guides/claude-code.md says what each is for. */
export function claudeSettings({ address, model }: ToolAsk): ToolSettings {
  const models =
    model === null ? {} : Object.fromEntries(['ANTHROPIC_MODEL', ...familyModels].map((name) => [name, model.id]))
  const context = model?.context ?? null
  return {
    variables: {
      ANTHROPIC_BASE_URL: address,
      ANTHROPIC_AUTH_TOKEN: null,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      ...models,
      ...(context === null ? {} : { CLAUDE_CODE_MAX_CONTEXT_TOKENS: String(context) }),
    },
    unset: ['ANTHROPIC_API_KEY'],
    command: null,
  }
}

/** Codex reads no address from the environment: it takes settings as `-c name=value`, values in TOML. */
export function codexSettings({ address, model }: ToolAsk): ToolSettings {
  const provider = { name: 'Hearth', base_url: `${address}/v1`, env_key: keyVariable, wire_api: 'responses' }
  const table = Object.entries(provider).map(([name, value]) => `${name}=${tomlText(value)}`)
  const settings = [
    `model_provider=${tomlText('hearth')}`,
    `model_providers.hearth={${table.join(',')}}`,
    ...(model === null ? [] : [`model=${tomlText(model.id)}`]),
    ...(model?.context == null ? [] : [`model_context_window=${model.context}`]),
  ]
  return {
    variables: { [keyVariable]: null },
    unset: [],
    command: { name: 'codex', args: settings.flatMap((setting) => ['-c', setting]) },
  }
}

export const openaiSettings = ({ address }: ToolAsk): ToolSettings => ({
  variables: { OPENAI_BASE_URL: `${address}/v1`, OPENAI_API_KEY: null },
  unset: [],
  command: null,
})

/** The SDK adds `/v1` by itself. */
export const anthropicSettings = ({ address }: ToolAsk): ToolSettings => ({
  variables: { ANTHROPIC_BASE_URL: address, ANTHROPIC_API_KEY: null },
  unset: ['ANTHROPIC_AUTH_TOKEN'],
  command: null,
})

/** Every JSON text is a basic string of TOML, too. */
const tomlText = (text: string): string => JSON.stringify(text)
