import { globalOptions } from './command.ts'
import type { Command, Option } from './command.ts'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** One place in the command line, and what may come there. */
interface Place {
  /** `` for the root, `models`, `models load`. */
  readonly path: string
  readonly commands: readonly Command[]
  readonly options: readonly Option[]
}

/** A script for the shell, made from the commands themselves; it asks nobody and starts nothing. */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  const places = placesOf({ path: '', commands, options: [] })
  switch (shell) {
    case 'bash':
      return bash(places)
    case 'zsh':
      return zsh(places)
    case 'fish':
      return fish(places)
  }
}

function placesOf(place: Place): readonly Place[] {
  const below = place.commands.flatMap((command) =>
    placesOf({
      path: place.path === '' ? command.name : `${place.path} ${command.name}`,
      commands: command.subcommands ?? [],
      options: command.options ?? [],
    }),
  )
  return [place, ...below]
}

const wordsOf = (place: Place): readonly string[] => [
  ...place.commands.map((command) => command.name),
  ...[...place.options, ...globalOptions].map((option) => `--${option.name}`),
]

const choiceOptions = (places: readonly Place[]): readonly Option[] => {
  const options = places.flatMap((place) => place.options).filter((option) => option.choices)
  return options.filter((option, index) => options.findIndex((other) => other.name === option.name) === index)
}

/** Options whose value is a file or folder. */
const pathOptions = ['--config', '--file', '--home']

function bash(places: readonly Place[]): string {
  const cases = places.map((place) => `    '${place.path}') words='${wordsOf(place).join(' ')}' ;;`)
  const known = places.filter((place) => place.path !== '').map((place) => `'${place.path}'`)
  const choices = choiceOptions(places).map(
    (option) =>
      `    --${option.name}) COMPREPLY=($(compgen -W '${option.choices?.join(' ')}' -- "$current")); return ;;`,
  )
  return `# bash completion of hearth; load it with: source <(hearth completion bash)
_hearth() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} path='' words='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
      ${known.join('|')}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$previous" in
    ${pathOptions.join('|')}) COMPREPLY=($(compgen -f -- "$current")); return ;;
${choices.join('\n')}
  esac
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _hearth hearth
`
}

/** No variable may be called `path` here: zsh ties that name to PATH. */
function zsh(places: readonly Place[]): string {
  const entry = (name: string, summary: string): string => `'${name}:${quoted(summary).replaceAll(':', '\\:')}'`
  const cases = places.map((place) => {
    const entries = [
      ...place.commands.map((command) => entry(command.name, command.summary)),
      ...[...place.options, ...globalOptions].map((option) => entry(`--${option.name}`, option.summary)),
    ]
    return `    '${place.path}') entries=(\n      ${entries.join('\n      ')}\n    ) ;;`
  })
  const known = places.filter((place) => place.path !== '').map((place) => `'${place.path}'`)
  const choices = choiceOptions(places).map(
    (option) => `    --${option.name}) compadd -- ${option.choices?.join(' ')}; return ;;`,
  )
  return `#compdef hearth
# zsh completion of hearth; put it into a folder of $fpath as _hearth
_hearth() {
  local place='' word
  local -a entries
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${place:+$place }$word" in
      ${known.join('|')}) place="\${place:+$place }$word" ;;
    esac
  done
  case "\${words[CURRENT-1]}" in
    ${pathOptions.join('|')}) _files; return ;;
${choices.join('\n')}
  esac
  case "$place" in
${cases.join('\n')}
  esac
  _describe 'hearth' entries
}
if [ "$funcstack[1]" = _hearth ]; then _hearth "$@"; else compdef _hearth hearth; fi
`
}

function fish(places: readonly Place[]): string {
  const lines = places.flatMap((place) => {
    const condition = `__hearth_at '${place.path}'`
    const words = place.commands.map(
      (command) => `complete -c hearth -f -n "${condition}" -a ${command.name} -d '${quoted(command.summary)}'`,
    )
    const options = place.options.map((option) => fishOption(option, `-n "${condition}" `))
    return [...words, ...options]
  })
  const known = places.filter((place) => place.path !== '').map((place) => `'${place.path}'`)
  return `# fish completion of hearth; put it into ~/.config/fish/completions/hearth.fish
function __hearth_at
    set -l place ''
    for word in (commandline -opc)[2..-1]
        set -l longer (string trim -- "$place $word")
        contains -- $longer ${known.join(' ')}; and set place $longer
    end
    test "$place" = "$argv[1]"
end
${globalOptions.map((option) => fishOption(option, '')).join('\n')}
${lines.join('\n')}
`
}

function fishOption(option: Option, condition: string): string {
  const short = option.short ? ` -s ${option.short}` : ''
  const values = option.choices ? ` -xa '${option.choices.join(' ')}'` : option.kind === 'flag' ? '' : ' -r'
  return `complete -c hearth ${condition}-l ${option.name}${short}${values} -d '${quoted(option.summary)}'`
}

/** Within single quotes of any of these shells; an apostrophe becomes the typographic one, which needs no quoting. */
const quoted = (text: string): string => text.replaceAll("'", '’')
