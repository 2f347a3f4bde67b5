import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { z } from 'zod'
import { noCatalogue, type Catalogue } from '#catalogue/core/catalogue.ts'
import { nearestNames } from '#kernel/nearest.ts'
import { checkTogether } from './checks.ts'
import type { Loaded, Problem } from './contract.ts'
import type { Environment } from './env.ts'
import { isTree, layConfig, pathText, type Layers } from './layers.ts'
import { show } from './leaves.ts'
import { fillProviders, providerWarnings } from './providers.ts'
import { provenanceOf } from './provenance.ts'
import { configSchema, writeInstead } from './schema.ts'
import { configOf, secretsOf } from './settings.ts'
import { emptyYaml, parseYaml, type Step, type YamlFile } from './yaml-file.ts'

export interface ConfigParts {
  readonly environment: Environment
  /** null: there is none. */
  readonly file: { readonly path: string; readonly content: string } | null
  /** Values that people set at run time, by path: `server.loadWait`, `models.<id>`. */
  readonly overlay: Readonly<Record<string, unknown>>
  readonly fileExists?: (path: string) => boolean
  /** The model that somebody adds at this moment: its files must be there. */
  readonly added?: string | null
  /** What is known of providers; not there: nothing. */
  readonly catalogue?: Catalogue
}

/**
 * The whole configuration or all its problems, never half of one. Precedence: environment > file > overlay > default.
 */
export function loadConfig(parts: ConfigParts): Loaded {
  const { environment, catalogue = noCatalogue } = parts
  const file = parts.file === null ? emptyYaml : parseYaml(parts.file.content)
  if (file.problems.length > 0) return { ok: false, problems: file.problems }
  const layers = layConfig({ environment, file, overlay: parts.overlay })
  const filled = fillProviders(layers, catalogue)
  const found = [...layers.problems, ...filled.problems]
  const parsed = configSchema.safeParse(filled.tree)
  if (!parsed.success) return refused([...found, ...problemsOf(parsed.error.issues, layers, file)])
  const settings = parsed.data
  const config = configOf({
    settings,
    environment,
    folder: parts.file === null ? environment.home : dirname(parts.file.path),
    isFromOverlay: (list, index) => layers.sourceOf([list, index]).source === 'overlay',
    catalogue,
  })
  const { fileExists = existsSync, added = null } = parts
  const checked = checkTogether({ settings, config, layers, environment, fileExists, added })
  const problems = [...found, ...checked.problems]
  if (problems.length > 0) return refused(problems)
  return {
    ok: true,
    config,
    secrets: secretsOf(settings, environment),
    provenance: provenanceOf(layers, environment),
    warnings: [...layers.warnings, ...checked.warnings, ...providerWarnings(settings.upstreams, catalogue)],
  }
}

/** One problem per setting: the first one told is the cause, what follows from it would only confuse. */
function refused(problems: readonly Problem[]): Loaded {
  const bySetting = new Map<string, Problem>()
  for (const problem of problems) if (!bySetting.has(problem.path)) bySetting.set(problem.path, problem)
  const ordered = [...bySetting.values()].sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
  return { ok: false, problems: ordered }
}

type Issue = z.core.$ZodIssue

function problemsOf(issues: readonly Issue[], layers: Layers, file: YamlFile): readonly Problem[] {
  return issues.flatMap((issue) => {
    const path = issue.path as readonly Step[]
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownSetting([...path, key], layers, file))
    const where = layers.sourceOf(path)
    const name = where.name === '' ? 'The file' : where.name
    if (issue.code === 'custom') {
      const fix: unknown = issue.params?.['fix']
      return [
        {
          path: where.name,
          line: where.line,
          message: `${name} ${issue.message}`,
          fix: typeof fix === 'string' ? fix : '',
        },
      ]
    }
    const wanted = issue.code === 'invalid_type' && issue.expected === 'array' ? 'a list' : 'settings by name'
    const fix =
      wanted === 'a list' ? 'Write its entries each with a dash: - …' : 'Write its settings each as name: value.'
    return [
      {
        path: where.name,
        line: where.line,
        message:
          valueAt(layers.tree, path) === undefined
            ? `${name} is missing: it must be ${wanted}.`
            : `${name} is ${show(valueAt(layers.tree, path))}, but must be ${wanted}.`,
        fix,
      },
    ]
  })
}

function unknownSetting(path: readonly Step[], layers: Layers, file: YamlFile): Problem {
  const where = layers.sourceOf(path)
  const line = where.line ?? file.lineOf(path)
  const general = pathText(path).replace(/\[\d+\]/g, '[]')
  const message = `${where.name} is not a setting.`
  const instead = writeInstead.get(general)
  if (instead !== undefined) return { path: where.name, line, message, fix: `Write ${instead} instead.` }
  const known = knownNames(path.slice(0, -1))
  const near = nearestNames(String(path.at(-1)), known)
  const fix = near.length > 0 ? `Did you mean ${near.join(', ')}?` : `Settings here are: ${known.join(', ')}.`
  return { path: where.name, line, message, fix }
}

/** The names that the schema knows below a path. */
function knownNames(path: readonly Step[]): readonly string[] {
  let at: unknown = configSchema
  for (const step of path) {
    const shape = shapeOf(at)
    at = typeof step === 'number' ? elementOf(at) : shape && Object.hasOwn(shape, step) ? shape[step] : undefined
  }
  return Object.keys(shapeOf(at) ?? {})
}

/** Defaults and the like are wrapped round the schema that has the shape. */
function unwrap(schema: unknown): unknown {
  let at = schema
  while (isTree(at) && isTree(at['def']) && at['def']['innerType'] !== undefined) at = at['def']['innerType']
  return at
}

function shapeOf(schema: unknown): Readonly<Record<string, unknown>> | null {
  const bare = unwrap(schema)
  return isTree(bare) && isTree(bare['shape']) ? bare['shape'] : null
}

function elementOf(schema: unknown): unknown {
  const bare = unwrap(schema)
  return isTree(bare) ? bare['element'] : undefined
}

function valueAt(tree: unknown, path: readonly Step[]): unknown {
  return path.reduce<unknown>(
    (at, step) => (typeof at === 'object' && at !== null ? (at as Readonly<Record<Step, unknown>>)[step] : undefined),
    tree,
  )
}
