import { basename } from 'node:path'
import type { Call, Command, Option } from '../command.ts'
import { urlOf } from '../connect.ts'
import { CliError, exitCodes } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { didYouMean } from '../nearest.ts'
import { answer } from '../output.ts'
import {
  anthropicSettings,
  claudeSettings,
  codexSettings,
  keyVariable,
  openaiSettings,
  reachable,
} from '../tools/settings.ts'
import type { ToolAsk, ToolSettings } from '../tools/settings.ts'
import { evalShells, shellLines } from '../tools/shells.ts'
import type { EvalShell } from '../tools/shells.ts'

const shell: Option = {
  name: 'shell',
  kind: 'text',
  value: 'SHELL',
  choices: evalShells,
  summary: 'the shell that reads it; default the one in use',
}
const model: Option = { name: 'model', kind: 'text', value: 'MODEL', summary: 'the model it is to use' }

export const envCommand: Command = {
  name: 'env',
  summary: 'print what points another program at this house, for your shell to read',
  details: `No key is printed but the one of --key; without it the program gets ${keyVariable} of your shell.`,
  subcommands: [
    {
      name: 'claude',
      summary: 'Claude Code',
      options: [model, shell],
      examples: [
        `export ${keyVariable}=$(hearth keys create claude)`,
        'eval "$(hearth env claude --model qwen3-coder-30b)"',
      ],
      run: (call) => printSettings(call, 'claude', claudeSettings),
    },
    {
      name: 'codex',
      summary: 'Codex',
      details: 'It reads no address from variables, so "codex" becomes a function of the shell that tells it.',
      options: [model, shell],
      examples: ['eval "$(hearth env codex --model qwen3-coder-30b)"'],
      run: (call) => printSettings(call, 'codex', codexSettings),
    },
    {
      name: 'openai',
      summary: 'programs with an SDK of OpenAI',
      options: [shell],
      run: (call) => printSettings(call, 'openai', openaiSettings),
    },
    {
      name: 'anthropic',
      summary: 'programs with an SDK of Anthropic',
      options: [shell],
      examples: ['hearth env anthropic --shell fish | source'],
      run: (call) => printSettings(call, 'anthropic', anthropicSettings),
    },
  ],
}

async function printSettings(call: Call, tool: string, settingsFor: (ask: ToolAsk) => ToolSettings): Promise<ExitCode> {
  const address = await addressOf(call)
  const settings = settingsFor({ address, model: await modelOf(call) })
  const key = call.flags.text('key')
  if (!call.isJson) remark(call, tool, key)
  const variables = Object.entries(settings.variables).map(([name, value]) => [name, value ?? key])
  return answer(call, { tool, address, ...settings, variables: Object.fromEntries(variables) }, () =>
    shellLines(settings, { shell: shellOf(call), key }),
  )
}

/** The address where programs of this person reach the house. */
async function addressOf(call: Call): Promise<string> {
  const hearth = call.hearth()
  if (urlOf(call.flags, call.environment) !== null) return hearth.target
  return reachable((await hearth.status()).address)
}

async function modelOf(call: Call): Promise<ToolAsk['model']> {
  const id = call.flags.text('model')
  if (id === null) return null
  const { data } = await call.hearth().models.callable()
  const found = data.find((one) => one.id === id)
  if (found) return { id, context: found.hearth?.context ?? null }
  const names = data.map((one) => one.id)
  throw new CliError(exitCodes.notFound, `There is no model ${id}.${didYouMean(id, names)}`, {
    code: 'model_not_found',
    hint: '"hearth models list --all" lists them.',
  })
}

function shellOf(call: Call): EvalShell {
  const wanted = call.flags.text('shell') ?? basename(call.environment.shell ?? '')
  return wanted === 'fish' ? 'fish' : 'sh'
}

/** On stderr, which no shell evaluates. */
function remark(call: Call, tool: string, key: string | null): void {
  const { terminal, environment } = call
  const isFish = shellOf(call) === 'fish'
  if (terminal.width !== null)
    terminal.note(isFish ? `Use it with: hearth env ${tool} | source` : `Use it with: eval "$(hearth env ${tool})"`)
  if (key !== null || environment.key !== null) return
  const set = isFish
    ? `set -gx ${keyVariable} (hearth keys create ${tool})`
    : `export ${keyVariable}=$(hearth keys create ${tool})`
  terminal.note(`${keyVariable} is not set. Give your shell a key of its own first: ${set}`)
}
