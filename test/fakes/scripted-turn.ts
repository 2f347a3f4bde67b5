/** What the scripted upstreams do: one turn of an agent, a command first and its outcome told in words. */
export type Json = Readonly<Record<string, unknown>>

/** Shells of agents, and the member that holds the command. */
const shells: Readonly<Record<string, string>> = { Bash: 'command', exec_command: 'cmd', shell_command: 'command' }

export interface ShellCall {
  readonly name: string
  readonly arguments: string
}

/** A call of the shell among `tools`; null: there is none. */
export function shellCall(tools: readonly string[], command: string): ShellCall | null {
  const name = tools.find((tool) => shells[tool] !== undefined)
  const member = name === undefined ? undefined : shells[name]
  if (name === undefined || member === undefined) return null
  return { name, arguments: JSON.stringify({ [member]: command }) }
}

export interface ScriptedUpstream extends AsyncDisposable {
  /** As the config takes it. */
  readonly url: string
  readonly key: string
  readonly model: string
  /** Every request of a conversation, in order, answered or refused. */
  readonly requests: readonly { readonly headers: Headers; readonly body: Json }[]
  /** Why requests were refused. */
  readonly refusals: readonly string[]
}

export interface ScriptOptions {
  /** What the agent is told to run. */
  readonly command: string
  /** It counts the tokens of messages at `/tokenize`, as vLLM does. Not said: it has no such path. */
  readonly hasTokenizer?: boolean
}

/** Cut so that no fragment of JSON is whole by itself. */
export function fragments(text: string): readonly string[] {
  const size = Math.max(1, Math.ceil(text.length / 3))
  return Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
    text.slice(index * size, (index + 1) * size),
  )
}

export const objects = (value: unknown): readonly Json[] =>
  Array.isArray(value) ? value.filter((each): each is Json => typeof each === 'object' && each !== null) : []
