import type { Facts } from '../architecture/source.ts'

export interface SourceFile {
  readonly path: string
  readonly text: string
  /** null for what is not program text: Markdown, YAML, shell. */
  readonly facts: Facts | null
}

/** A rule of the house that a machine can keep. Each gives sentences with file and line. */
export interface Rule {
  readonly name: string
  check(file: SourceFile): readonly string[]
}

export const mostColumns = 120
export const mostLines = 500
export const mostFunctionLines = 70

const vagueNames = new Set(['util', 'utils', 'helper', 'helpers', 'manager', 'impl', 'common', 'misc'])
const leftovers = /\b(TODO|FIXME|XXX|HACK|WIP|TBD)\b/
const placeholders =
  /\b(lorem ipsum|coming soon|not (yet )?implemented|to be implemented|placeholder (text|answer|value)|dummy (text|answer|data)|stubbed)\b/i
/** What a model would say, in a program's own strings: a canned answer in place of a failure. */
const cannedAnswers =
  /\b(as an ai (language )?model|i'?m sorry, (but )?i (can|am)|how can i (help|assist) you( today)?|hello! i am)\b/i
const workplaces = /(^|[\s'"`(=:])(\/work\/|\/root\/|\/home\/(?!user\b|you\b|ada\b|ann\b|max\b|markus\b|\$|\{|<)\w+)/
const absentPapers =
  /\b(design\.md|house-rules\.md|reference\/(agents|bun|gateways|knowledge|model-codebases|npm-packages|privacy|speech)\.md|contracts\.md|shared\/)\b|\b(issue #?\d+|session \d+)\b/i
/** Whole strings that are commands, and shell text with them in it. */
const powerWords =
  /^(\S*\/)?(suspend|hibernate|hybrid-sleep|suspend-then-hibernate|reboot|poweroff|halt|shutdown|rtcwake|pm-suspend|kexec)$/
const powerPhrases =
  /\b(systemctl|loginctl)\s+(suspend|hibernate|hybrid-sleep|reboot|poweroff|halt|kexec)|\bshutdown\s+(-|now\b|\+\d)|\/sys\/power\/state|sysrq-trigger|\bpmset\s+sleepnow|\binit\s+[06]\b|login1\.Manager\.(Suspend|Reboot|PowerOff)/

export const rules: readonly Rule[] = [
  { name: `lines have at most ${mostColumns} columns`, check: longLines },
  { name: `files have at most ${mostLines} lines`, check: longFiles },
  { name: `functions have at most ${mostFunctionLines} lines`, check: longFunctions },
  { name: 'files are named in kebab-case, components in PascalCase', check: fileNames },
  { name: 'nothing is called util, helper, manager, impl or common', check: vague },
  { name: 'no leftovers of work', check: (file) => inProgram(file, 'comments', leftovers, 'is a leftover') },
  {
    name: 'no placeholders',
    check: (file) => [
      ...inProgram(file, 'strings', placeholders, 'is a placeholder'),
      ...inProgram(file, 'comments', placeholders, 'is a placeholder'),
    ],
  },
  {
    name: 'no canned answers',
    check: (file) => (isTest(file.path) ? [] : inProgram(file, 'strings', cannedAnswers, 'is a canned answer')),
  },
  { name: 'no test runs alone or is skipped without a switch', check: aloneOrSkipped },
  { name: 'tests are named with sentences that are true', check: testNames },
  { name: 'no default exports outside of config files', check: defaultExports },
  { name: 'no paths of a workplace', check: (file) => inText(file, workplaces, 'is a path of somebody’s machine') },
  {
    name: 'no mention of papers that are not in the repository',
    check: (file) => inText(file, absentPapers, 'is not in the repository'),
  },
  { name: 'Hearth never suspends, reboots or powers off the machine it runs on', check: powerVerbs },
  { name: 'a Markdown page has exactly one title', check: titles },
]

/** One long string per line may stand whole, because a sentence that is cut cannot be searched for. */
function longLines({ path, text }: SourceFile): readonly string[] {
  if (/\.(md|txt|json)$/.test(path)) return []
  return text
    .split('\n')
    .flatMap((line, index) => (widthOf(line) > mostColumns ? [`${path}:${index + 1} has ${line.length} columns`] : []))
}

function widthOf(line: string): number {
  if (line.length <= mostColumns || /^\s*(\/\/|\*|\/\*)/.test(line)) return line.length
  const texts = line.match(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`|\/(?:\\.|[^/\\\s])+\//g) ?? []
  return line.length - Math.max(0, ...texts.map((each) => each.length))
}

function longFiles({ path, text, facts }: SourceFile): readonly string[] {
  const lines = text.split('\n').length - 1
  return facts && lines > mostLines ? [`${path} has ${lines} lines`] : []
}

/** Tests are left out: `describe` takes one function for a whole subject. */
function longFunctions({ path, facts }: SourceFile): readonly string[] {
  if (!facts || isTest(path)) return []
  return facts.functions
    .filter((each) => each.lines > mostFunctionLines)
    .map((each) => `${path}:${each.line} ${each.name} has ${each.lines} lines`)
}

function fileNames({ path, facts }: SourceFile): readonly string[] {
  if (!facts) return []
  const name = path.split('/').at(-1) ?? ''
  const isComponent = name.endsWith('.tsx')
  const fits =
    /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|d))?\.(ts|tsx|js)$/.test(name) ||
    (isComponent && /^[A-Z][A-Za-z0-9]*(\.test)?\.tsx$/.test(name))
  return fits ? [] : [`${path} is not named in kebab-case`]
}

function vague({ path, facts }: SourceFile): readonly string[] {
  const inPath = path.split(/[/.-]/).filter((part) => vagueNames.has(part))
  const inNames = [...(facts?.declared ?? [])].filter((name) => wordsOf(name).some((word) => vagueNames.has(word)))
  return [...inPath, ...inNames].map((name) => `${path} calls something ${name}`)
}

/** `retryManagerUtil` → retry, manager, util. */
function wordsOf(name: string): readonly string[] {
  return name.split(/(?=[A-Z])|_/).map((word) => word.toLowerCase())
}

function inProgram(
  file: SourceFile,
  where: 'comments' | 'strings',
  pattern: RegExp,
  complaint: string,
): readonly string[] {
  return (file.facts?.[where] ?? []).flatMap(({ text, line }) => {
    const found = pattern.exec(text)
    return found ? [`${file.path}:${line} “${found[0].trim()}” ${complaint}`] : []
  })
}

function inText({ path, text }: SourceFile, pattern: RegExp, complaint: string): readonly string[] {
  return text.split('\n').flatMap((line, index) => {
    const found = pattern.exec(line)
    return found ? [`${path}:${index + 1} “${found[0].trim()}” ${complaint}`] : []
  })
}

function aloneOrSkipped({ path, text, facts }: SourceFile): readonly string[] {
  if (!facts || !isTest(path)) return []
  const alone = text
    .split('\n')
    .flatMap((line, index) =>
      /\b(test|describe|it)\.(only|skip|todo)\b/.test(line) && !line.includes('HEARTH_TEST_')
        ? [`${path}:${index + 1} runs alone or is skipped for ever`]
        : [],
    )
  const isConditional = /\.(skipIf|if|todoIf)\(/.test(text)
  const hasSwitch = /HEARTH_TEST_[A-Z_]+|process\.platform/.test(text)
  return isConditional && !hasSwitch ? [...alone, `${path} skips tests without naming a HEARTH_TEST_ switch`] : alone
}

function testNames({ path, text, facts }: SourceFile): readonly string[] {
  if (!facts || !isTest(path)) return []
  return text
    .split('\n')
    .flatMap((line, index) =>
      /\b(test|it)(\.\w+\([^)]*\))?\(\s*['"`](should|works|test)\b/.test(line)
        ? [`${path}:${index + 1} is not named with a sentence that is true`]
        : [],
    )
}

function defaultExports({ path, facts }: SourceFile): readonly string[] {
  return facts?.hasDefaultExport && !path.endsWith('.config.ts') ? [`${path} has a default export`] : []
}

function powerVerbs(file: SourceFile): readonly string[] {
  if (!/^(src|cli|engines|sdk|tools)\//.test(file.path) || isTest(file.path)) return []
  return (file.facts?.strings ?? [])
    .filter(({ text, isCommand }) => (isCommand && powerWords.test(text.trim())) || powerPhrases.test(text))
    .map(({ text, line }) => `${file.path}:${line} “${text.trim()}” is a power verb`)
}

function titles({ path, text }: SourceFile): readonly string[] {
  if (!path.endsWith('.md')) return []
  const count = withoutCode(text)
    .split('\n')
    .filter((line) => /^# \S/.test(line)).length
  return count === 1 ? [] : [`${path} has ${count} titles`]
}

/** Relative links of a Markdown page, with their lines, without anchors. */
export function relativeLinks(text: string): readonly string[] {
  const links = [...withoutCode(text).matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)].map((match) => match[1] ?? '')
  return links.filter((link) => !/^([a-z]+:|#|\/\/)/i.test(link)).map((link) => decodeURI(link.replace(/#.*$/, '')))
}

function withoutCode(text: string): string {
  return text.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '')
}

export function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path) || path.startsWith('test/')
}
