import { AppError } from '#kernel/errors.ts'
import { nearestNames } from '#kernel/nearest.ts'
import type { Provenance } from './contract.ts'
import { entryOf, isTree, namedLists } from './layers.ts'

const maxValueChars = 64 * 1024

/**
 * May this be set at run time? Throws an AppError if not: an unknown path, a path that the environment or the file
 * sets, or a value that would carry variables of the environment out to whoever may read settings or name an
 * upstream.
 */
export function checkOverlay(wish: {
  readonly path: string
  readonly value: unknown
  readonly provenance: readonly Provenance[]
}): void {
  const { path, value, provenance } = wish
  if ((JSON.stringify(value) ?? '').length > maxValueChars) {
    throw new AppError('invalid', `The value for ${path} is longer than ${maxValueChars} characters.`, {
      param: 'value',
    })
  }
  const entry = entryOf(path)
  const row = provenance.find((candidate) => candidate.path === path)
  if (!entry && !row) throw unknownPath(path, provenance)
  if (/^[A-Z]/.test(path))
    throw new AppError('invalid', `${path} is a variable of the environment: it is set where Hearth is started.`, {
      param: 'path',
    })
  if (row && (row.source === 'environment' || row.source === 'file')) {
    const where =
      row.source === 'file' ? `in hearth.yaml${row.line === null ? '' : `, line ${row.line}`}` : 'by the environment'
    throw new AppError(
      'conflict',
      `${path} is set ${where}, which goes before what is set at run time: change it there.`,
      { reason: 'set_elsewhere', param: 'path' },
    )
  }
  const variable = forbiddenVariable(value, entry?.list ?? '', [])
  if (variable !== null) {
    throw new AppError(
      'invalid',
      `${path} takes ${variable} from the environment, which a setting made at run time may do only for ` +
        `an upstream's apiKey: write the value, or put the setting into hearth.yaml.`,
      { param: 'value' },
    )
  }
  if (
    entry?.list === 'upstreams' &&
    isTree(value) &&
    typeof value['apiKey'] === 'string' &&
    !/^\$\{\w+\}$/.test(value['apiKey'])
  ) {
    throw new AppError(
      'invalid',
      `A key is not kept in the settings: put it into a variable of the environment and write apiKey: \${NAME}.`,
      { param: 'value.apiKey' },
    )
  }
}

function unknownPath(path: string, provenance: readonly Provenance[]): AppError {
  const near = nearestNames(
    path,
    provenance.map((row) => row.path).filter((name) => !/^[A-Z]/.test(name)),
  )
  const lists = [...namedLists].map(([list, key]) => `${list}.<${key}>`)
  const hint = near.length > 0 ? `Did you mean ${near.join(', ')}?` : `Entries are named ${lists.join(', ')}.`
  return new AppError('not_found', `${path} is not a setting. ${hint}`, { reason: 'unknown_setting', param: 'path' })
}

/** The first `${NAME}` that may not stand there; null = none. */
function forbiddenVariable(value: unknown, list: string, path: readonly string[]): string | null {
  if (typeof value === 'string') {
    for (const [whole, escape, name = ''] of value.matchAll(/\$(\$?)\{([A-Za-z_]\w*)\}/g)) {
      if (escape !== '') continue
      if (list === 'models' && path[0] === 'cmd' && (name === 'PORT' || name === 'HOST')) continue
      if (list === 'upstreams' && path[0] === 'apiKey' && !/^(HEARTH_|HF_)/.test(name)) continue
      return whole
    }
    return null
  }
  if (Array.isArray(value)) return firstOf(value.map((member) => forbiddenVariable(member, list, path)))
  if (isTree(value))
    return firstOf(Object.entries(value).map(([name, member]) => forbiddenVariable(member, list, [...path, name])))
  return null
}

function firstOf(found: readonly (string | null)[]): string | null {
  return found.find((name) => name !== null) ?? null
}
