import { parseSync, visitorKeys } from 'oxc-parser'
import type { Node } from 'oxc-parser'

/**
 * One import of a file, of whatever form: static, re-export, dynamic, `import('x').T`, `require`, `new Worker(new
 * URL())`.
 */
export interface Import {
  readonly from: string
  readonly isType: boolean
  readonly line: number
}

export interface Mention {
  /** Dotted, from a global root: `fetch`, `Bun.connect`, `process.env`, `new Date()`. */
  readonly name: string
  readonly line: number
}

export interface FunctionSize {
  readonly name: string
  readonly line: number
  readonly lines: number
}

export interface Facts {
  readonly imports: readonly Import[]
  readonly mentions: readonly Mention[]
  readonly functions: readonly FunctionSize[]
  /** Lines of statements that do work when the file is imported. */
  readonly workAtImport: readonly number[]
  readonly hasDefaultExport: boolean
  readonly comments: readonly { readonly text: string; readonly line: number }[]
  readonly strings: readonly Text[]
  /** Every name that the file declares, imported ones left out. */
  readonly declared: ReadonlySet<string>
}

export interface Text {
  readonly text: string
  readonly line: number
  /** Part of a list, or an argument of something called spawn, exec or run: perhaps a command. */
  readonly isCommand: boolean
}

/** Roots whose members are told apart; every other global is known by its bare name. */
const roots = new Set(['Bun', 'process', 'Date', 'Math', 'performance', 'globalThis', 'window', 'self'])
const transparentRoots = new Set(['globalThis', 'window', 'self'])
/** `import { connect } from 'bun'` is `Bun.connect` by another name. */
const modulesOfRoots: Readonly<Record<string, string>> = { bun: 'Bun', 'node:process': 'process', process: 'process' }

type Tree = Node & { readonly start: number; readonly end: number }
type Visit = (node: Tree, parent: Tree | null, key: string) => void

/**
 * Everything the guards ask of a source file. Throws when it cannot be parsed: a guard must not pass by looking at
 * nothing.
 */
export function readSource(path: string, text: string): Facts {
  const parsed = parseSync(path, text, { preserveParens: false })
  const [problem] = parsed.errors
  if (problem) throw new Error(`${path} cannot be parsed: ${problem.message}`)
  const lineAt = lineFinder(text)
  const program = parsed.program as unknown as Tree
  const facts = {
    imports: [] as Import[],
    mentions: [] as Mention[],
    functions: [] as FunctionSize[],
    strings: [] as Text[],
    own: namesOf(program),
  }
  walk(program, null, '', (node, parent, key) => {
    collectImport(node, facts, lineAt)
    collectMention(node, parent, key, facts, lineAt)
    collectFunction(node, parent, facts, lineAt)
    collectString(node, parent, facts, lineAt)
  })
  const { own, ...told } = facts
  return {
    ...told,
    declared: own.difference(importedNames(program)),
    workAtImport: statementsThatWork(program, lineAt),
    hasDefaultExport: bodyOf(program).some((statement) => statement.type === 'ExportDefaultDeclaration'),
    comments: parsed.comments.map((comment) => ({ text: comment.value, line: lineAt(comment.start) })),
  }
}

function walk(node: Tree, parent: Tree | null, key: string, visit: Visit): void {
  visit(node, parent, key)
  for (const childKey of visitorKeys[node.type] ?? []) {
    const child = (node as unknown as Record<string, unknown>)[childKey]
    for (const each of Array.isArray(child) ? child : [child]) if (isNode(each)) walk(each, node, childKey, visit)
  }
}

function namesOf(program: Tree): ReadonlySet<string> {
  const names = new Set<string>()
  walk(program, null, '', (node, parent, key) => {
    if (node.type === 'ObjectPattern') {
      for (const property of node.properties) {
        if (property.type === 'Property' && property.value.type === 'Identifier') names.add(property.value.name)
      }
    }
    if (node.type !== 'Identifier' || parent === null) return
    if (isBinding(parent, key)) names.add(node.name)
  })
  return names
}

function importedNames(program: Tree): ReadonlySet<string> {
  const imports = bodyOf(program).filter((statement) => statement.type === 'ImportDeclaration')
  return new Set(imports.flatMap((statement) => statement.specifiers.map((each) => each.local.name)))
}

function isNode(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && 'type' in value
}

interface Found {
  readonly imports: Import[]
  readonly mentions: Mention[]
  readonly functions: FunctionSize[]
  readonly strings: Text[]
  /** Names that the file declares anywhere. */
  readonly own: ReadonlySet<string>
}
type LineAt = (offset: number) => number

function collectImport(node: Tree, found: Found, lineAt: LineAt): void {
  const add = (source: unknown, isType: boolean) => {
    const from = literalOf(source)
    if (from !== null) found.imports.push({ from, isType, line: lineAt(node.start) })
  }
  switch (node.type) {
    case 'ImportDeclaration': {
      const named = node.specifiers.filter((each) => each.type === 'ImportSpecifier')
      const isAllTypes =
        named.length > 0 && named.length === node.specifiers.length && named.every((each) => each.importKind === 'type')
      add(node.source, node.importKind === 'type' || isAllTypes)
      const root = modulesOfRoots[node.source.value]
      for (const each of named) {
        const name = each.imported.type === 'Identifier' ? each.imported.name : each.imported.value
        if (root && node.importKind !== 'type')
          found.mentions.push({ name: `${root}.${name}`, line: lineAt(node.start) })
      }
      return
    }
    case 'ExportNamedDeclaration':
      if (node.source) add(node.source, node.exportKind === 'type')
      return
    case 'ExportAllDeclaration':
      return add(node.source, node.exportKind === 'type')
    case 'ImportExpression':
      return add(node.source, false)
    case 'TSImportType':
      return add(node.source, true)
    case 'CallExpression':
      if (/^(require|require\.resolve|import\.meta\.resolve)$/.test(dotted(node.callee))) add(node.arguments[0], false)
      return
    case 'NewExpression':
      // new URL('./worker.ts', import.meta.url): the way a Worker names its file
      if (dotted(node.callee) === 'URL' && dotted(node.arguments[1]) === 'import.meta.url')
        add(node.arguments[0], false)
      return
    default:
  }
}

function literalOf(node: unknown): string | null {
  if (!isNode(node)) return null
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value
  if (node.type === 'TemplateLiteral' && node.quasis.length === 1) return node.quasis[0]?.value.cooked ?? null
  return null
}

/** `a.b.c` of nested member expressions; optional chains and literal brackets count as dots; else the empty text. */
function dotted(node: Tree | undefined): string {
  if (!node) return ''
  if (node.type === 'Identifier') return node.name
  if (node.type === 'MetaProperty') return `${node.meta.name}.${node.property.name}`
  if (node.type === 'ChainExpression') return dotted(node.expression)
  if (node.type !== 'MemberExpression') return ''
  const left = dotted(node.object)
  if (left === '') return ''
  if (!node.computed) return `${left}.${(node.property as { name: string }).name}`
  return `${left}.${literalOf(node.property) ?? '*'}`
}

function collectMention(node: Tree, parent: Tree | null, key: string, found: Found, lineAt: LineAt): void {
  const add = (name: string) => found.mentions.push({ name, line: lineAt(node.start) })
  if (node.type === 'NewExpression' && dotted(node.callee) === 'Date' && node.arguments.length === 0) add('new Date()')
  if (node.type === 'MetaProperty' && parent?.type === 'MemberExpression') add(dotted(parent))
  if (node.type !== 'Identifier' || !isReference(parent, key)) return
  if (found.own.has(node.name)) return
  if (!roots.has(node.name)) return void add(node.name)
  const isMember = parent?.type === 'MemberExpression' && key === 'object'
  if (!isMember) return void add(node.name)
  const member = dotted(parent)
  add(transparentRoots.has(node.name) ? member.slice(node.name.length + 1) : member)
}

/** A name that stands for a value: not a member's, a key's, a label's or a type's name. */
function isReference(parent: Tree | null, key: string): boolean {
  if (parent === null || isBinding(parent, key)) return false
  if (parent.type === 'MemberExpression') return key === 'object' || parent.computed
  if (/^(Property|MethodDefinition|PropertyDefinition|AccessorProperty)$/.test(parent.type)) return key === 'value'
  if (parent.type.startsWith('TS')) return key === 'expression'
  return !/^(Import\w*Specifier|Export\w*Specifier|MetaProperty|LabeledStatement|BreakStatement|JSX)/.test(parent.type)
}

/** Where a file gives a name of its own: a parameter called `window` is not the browser's. */
function isBinding(parent: Tree, key: string): boolean {
  if (key === 'params' || key === 'elements') return parent.type !== 'ArrayExpression'
  if (key === 'id') return /^(VariableDeclarator|Function|Class)/.test(parent.type)
  if (key === 'local') return parent.type.startsWith('Import')
  if (key === 'left') return parent.type === 'AssignmentPattern'
  return (key === 'argument' && parent.type === 'RestElement') || (key === 'param' && parent.type === 'CatchClause')
}

function collectFunction(node: Tree, parent: Tree | null, found: Found, lineAt: LineAt): void {
  if (
    node.type !== 'FunctionDeclaration' &&
    node.type !== 'FunctionExpression' &&
    node.type !== 'ArrowFunctionExpression'
  )
    return
  const owner = parent as unknown as { id?: { name?: string }; key?: { name?: string } } | null
  const own = 'id' in node ? (node.id?.name ?? null) : null
  const name = own ?? owner?.id?.name ?? owner?.key?.name ?? '(anonymous)'
  const line = lineAt(node.start)
  found.functions.push({ name, line, lines: lineAt(node.end) - line + 1 })
}

function collectString(node: Tree, parent: Tree | null, found: Found, lineAt: LineAt): void {
  const text = textOf(node)
  if (text === null) return
  const isArgument = parent?.type === 'CallExpression' && /(^|\.)(spawn|exec|run|\$)\w*$/i.test(dotted(parent.callee))
  const isCommand = isArgument || parent?.type === 'ArrayExpression' || node.type === 'TemplateElement'
  found.strings.push({ text, line: lineAt(node.start), isCommand })
}

function textOf(node: Tree): string | null {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value
  if (node.type === 'JSXText') return node.value
  return node.type === 'TemplateElement' ? node.value.raw : null
}

function bodyOf(program: Tree): readonly Tree[] {
  return (program as unknown as { readonly body: readonly Tree[] }).body
}

/** Calls, awaits and assignments at the top level: registration and side effects at import time. */
function statementsThatWork(program: Tree, lineAt: LineAt): readonly number[] {
  const working = bodyOf(program).filter(
    (statement) =>
      (statement.type === 'ExpressionStatement' && !('directive' in statement && statement.directive)) ||
      statement.type === 'IfStatement' ||
      /^(For|While|DoWhile|Try)/.test(statement.type),
  )
  return working.map((statement) => lineAt(statement.start))
}

function lineFinder(text: string): LineAt {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return low + 1
  }
}
