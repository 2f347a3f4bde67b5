import { keyVariable } from './settings.ts'
import type { ToolSettings } from './settings.ts'

/** `sh`: bash, zsh and every other of its family. */
export const evalShells = ['sh', 'fish'] as const
export type EvalShell = (typeof evalShells)[number]

/**
 * Lines for the shell to run. Without a key that the person gave it is told as `$HEARTH_API_KEY`, so that none gets
 * into a terminal's history by this. Only commands: some shells take a comment in `eval` for one.
 */
export function shellLines(
  settings: ToolSettings,
  how: { readonly shell: EvalShell; readonly key: string | null },
): string {
  const { shell, key } = how
  const quote = shell === 'fish' ? quotedForFish : quotedForSh
  const set = (name: string, value: string): string =>
    shell === 'fish' ? `set -gx ${name} ${value}` : `export ${name}=${value}`
  const variables = Object.entries(settings.variables)
    .filter(([name, value]) => value !== null || key !== null || name !== keyVariable)
    .map(([name, value]) =>
      set(name, value === null ? (key === null ? `"$${keyVariable}"` : quote(key)) : quote(value)),
    )
  const unset = settings.unset.map((name) => (shell === 'fish' ? `set -e ${name}` : `unset ${name}`))
  return [...unset, ...variables, ...commandLines(settings.command, shell, quote)].join('\n')
}

function commandLines(
  command: ToolSettings['command'],
  shell: EvalShell,
  quote: (text: string) => string,
): readonly string[] {
  if (command === null) return []
  const call = ['command', command.name, ...command.args.map(quote)].join(' ')
  return [shell === 'fish' ? `function ${command.name}; ${call} $argv; end` : `${command.name}() { ${call} "$@"; }`]
}

const isPlain = (text: string): boolean => /^[\w./:@%+-]+$/.test(text)

const quotedForSh = (text: string): string => (isPlain(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`)

const quotedForFish = (text: string): string =>
  isPlain(text) ? text : `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`
