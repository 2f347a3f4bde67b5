import type { KeyView, NewKey, Priority, Scope } from '../../sdk/typescript/index.ts'
import { budgetOf, limitOptions, limitsOf, limitTexts } from '../budget.ts'
import type { Call, Command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { exitCodes, usageError } from '../failures.ts'
import type { ExitCode } from '../failures.ts'
import { durationMs, timeText } from '../format.ts'
import { answer } from '../output.ts'
import { renderTable } from '../table.ts'
import type { Style } from '../terminal.ts'

const priorities: readonly Priority[] = ['interactive', 'batch']
const scopes: readonly Scope[] = ['inference', 'monitor', 'fleet.operate', 'admin']

export const keysCommand: Command = {
  name: 'keys',
  summary: 'make, list, rotate and revoke API keys',
  run: list,
  subcommands: [
    { name: 'list', summary: 'list the keys, without their secrets', run: list },
    {
      name: 'create',
      summary: 'make a key; stdout gets the key alone, once',
      positionals: [{ name: 'NAME' }],
      options: [
        { name: 'scope', kind: 'list', value: 'SCOPE', summary: 'what it may do; default inference', choices: scopes },
        {
          name: 'model',
          kind: 'list',
          value: 'MODEL',
          summary: 'a model it may use, * at the end stands for any; default all',
        },
        {
          name: 'expires',
          kind: 'text',
          value: 'WHEN',
          summary: 'after so long (30d, 12h) or at an ISO 8601 time; default never',
        },
        ...limitOptions,
        { name: 'weight', kind: 'number', value: 'N', min: 1, summary: 'its share where several keys wait; default 1' },
        {
          name: 'priority',
          kind: 'text',
          value: 'PRIORITY',
          summary: 'batch lets interactive requests go first',
          choices: priorities,
        },
      ],
      examples: ['hearth keys create laptop', 'KEY=$(hearth keys create ci --expires 30d --model "qwen*")'],
      run: create,
    },
    {
      name: 'rotate',
      summary: 'give a key a new secret; stdout gets the key alone, once',
      positionals: [{ name: 'ID' }],
      options: [
        {
          name: 'grace',
          kind: 'text',
          value: 'TIME',
          summary: 'how long the old secret stays valid (10m, 1d); default not at all',
        },
      ],
      run: rotate,
    },
    {
      name: 'revoke',
      summary: 'end a key at once; its running answers are cut',
      positionals: [{ name: 'ID' }],
      options: [{ name: 'yes', short: 'y', kind: 'flag', summary: 'do not ask' }],
      run: revoke,
    },
  ],
}

async function list(call: Call): Promise<ExitCode> {
  const keys = await call.hearth().keys.list()
  return answer(call, keys, () =>
    keys.data.length === 0
      ? 'There are no keys. "hearth keys create NAME" makes one.'
      : renderTable<KeyView>({
          terminal: call.terminal,
          rows: keys.data,
          columns: [
            { title: 'ID', cell: (key) => key.id },
            { title: 'NAME', cell: (key) => key.name, isFlexible: true },
            { title: 'STATE', cell: stateOf, style: (key) => stateStyles[stateOf(key)] ?? null },
            { title: 'SCOPES', cell: (key) => key.scopes.join(',') },
            { title: 'MODELS', cell: (key) => key.models?.join(',') ?? 'all', isFlexible: true },
            { title: 'LIMITS', cell: limitsText },
            { title: 'LAST USED', cell: (key) => timeText(key.lastUsedAt) },
          ],
        }),
  )
}

const stateStyles: Readonly<Record<string, Style>> = { valid: 'green', revoked: 'red', expired: 'yellow' }

function stateOf(key: KeyView): string {
  if (key.revokedAt !== null) return 'revoked'
  return key.expiresAt !== null && Date.parse(key.expiresAt) <= Date.now() ? 'expired' : 'valid'
}

function limitsText({ limits, budget }: KeyView): string {
  const parts = [
    ...limitTexts(limits, budget),
    limits.weight === null ? null : `weight ${limits.weight}`,
    limits.priority,
  ].filter((part) => part !== null)
  return parts.length === 0 ? 'none' : parts.join(', ')
}

async function create(call: Call): Promise<ExitCode> {
  const { flags } = call
  const priority = priorities.find((one) => one === flags.text('priority'))
  const limits = {
    ...limitsOf(flags),
    ...amount('weight', flags.number('weight')),
    ...(priority === undefined ? {} : { priority }),
  }
  const expires = flags.text('expires')
  const budget = budgetOf(flags)
  const ask: NewKey = {
    name: call.positionals[0] ?? '',
    ...(flags.has('scope') ? { scopes: flags.list('scope') as readonly Scope[] } : {}),
    ...(flags.has('model') ? { models: flags.list('model') } : {}),
    ...(expires === null ? {} : { expiresAt: expiryOf(expires) }),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    ...(budget === null ? {} : { budget }),
  }
  const key = await call.hearth().keys.create(ask)
  return showSecret(call, key, `Key ${key.id} (${key.name}) is made. This is the only time it is shown whole:`)
}

const amount = (name: string, value: number | null): Readonly<Record<string, number>> =>
  value === null ? {} : { [name]: value }

function expiryOf(text: string): string {
  const ms = durationMs(text)
  const at = ms === null ? Date.parse(text) : Date.now() + ms
  if (Number.isNaN(at))
    throw usageError(`--expires is "${text}", which is neither a time like 30d nor an ISO 8601 date.`)
  return new Date(at).toISOString()
}

async function rotate(call: Call): Promise<ExitCode> {
  const grace = call.flags.text('grace')
  const graceMs = grace === null ? null : durationMs(grace)
  if (grace !== null && graceMs === null) throw usageError(`--grace is "${grace}", which is no time like 10m or 1d.`)
  const ask = graceMs === null ? {} : { graceSeconds: Math.round(graceMs / 1000) }
  const key = await call.hearth().keys.rotate(call.positionals[0] ?? '', ask)
  const old =
    key.previousSecretUntil === null ? '' : ` The old one is valid until ${timeText(key.previousSecretUntil)}.`
  return showSecret(call, key, `Key ${key.id} (${key.name}) has a new secret, shown this once.${old}`)
}

/** The key goes to stdout alone: `KEY=$(hearth keys create …)` works and no remark gets into it. */
function showSecret(call: Call, key: KeyView & { readonly key: string }, remark: string): ExitCode {
  if (call.isJson) return answer(call, key, () => '')
  call.terminal.note(remark)
  call.terminal.out(key.key)
  return exitCodes.ok
}

async function revoke(call: Call): Promise<ExitCode> {
  const id = call.positionals[0] ?? ''
  if (!call.flags.has('yes')) {
    const known = (await call.hearth().keys.list()).data.find((key) => key.id === id)
    if (known)
      await confirm(call, `Key ${id} (${known.name}) is refused from now on and its running answers are cut. Go on?`)
  }
  const key = await call.hearth().keys.revoke(id)
  return answer(call, key, () => `Key ${key.id} (${key.name}) is revoked.`)
}
