import { formatBytes } from '#kernel/bytes.ts'
import { AppError } from '#kernel/errors.ts'
import { nearestNames } from '#kernel/nearest.ts'

/** A file of a repository on the hub, as its tree lists it. */
export interface HubFile {
  readonly path: string
  readonly sizeBytes: number
  /** null: the hub does not say (small files outside of its large-file store). */
  readonly sha256: string | null
}

/** What a person asked for: `org/repo:file.gguf`, `org/repo:Q4_K_M`, `org/repo`, each also as `org/repo@revision…`. */
export interface PullRef {
  readonly repo: string
  readonly revision: string
  /** A file's path, or a part of its name; null = the only one there is. */
  readonly wanted: { readonly kind: 'file' | 'quant'; readonly name: string } | null
}

const maxRefLength = 512

/** Throws an AppError `invalid` that shows the forms. A page's address on the hub is understood too. */
export function parsePullRef(text: string): PullRef {
  const bare = text
    .trim()
    .replace(/^https?:\/\/[^/]+\//, '')
    .replace(/^(hf\.co\/|hf:)/, '')
    .replace(/^([^/:]+\/[^/:]+)\/(?:blob|resolve)\/([^/]+)\/(.+?)(\?.*)?$/, '$1@$2:$3')
    .replace(/\/$/, '')
  const match = /^([\w][\w.-]*\/[\w][\w.-]*?)(?:@([\w][\w./-]*))?(?::([^:]+))?$/.exec(bare)
  const [, repo = '', revision = 'main', name] = match ?? []
  if (!match || text.length > maxRefLength || !isSafePath(repo) || !isSafePath(revision)) {
    const message =
      `"${text.slice(0, 100)}" names no model file. Write org/repo:file.gguf, ` + `org/repo:Q4_K_M, or org/repo.`
    throw new AppError('invalid', message, { reason: 'invalid_ref', param: 'ref' })
  }
  if (name === undefined) return { repo, revision, wanted: null }
  if (!isSafePath(name)) {
    const message = `"${name.slice(0, 100)}" is not a path inside a repository: it may not climb or begin with a slash.`
    throw new AppError('invalid', message, { reason: 'invalid_ref', param: 'ref' })
  }
  return { repo, revision, wanted: { kind: /\.gguf$/i.test(name) ? 'file' : 'quant', name } }
}

export function isPullRef(text: string): boolean {
  try {
    parsePullRef(text)
    return true
  } catch {
    return false
  }
}

/** Relative, without `..`, and with nothing that a file system could read otherwise. */
export function isSafePath(path: string): boolean {
  if (path === '' || path.length > 400 || /[\u0000-\u001f\\:*?"<>|]/.test(path)) return false
  return path.split('/').every((step) => step !== '' && step !== '.' && step !== '..')
}

/**
 * The files that are fetched together, the one that is loaded first. A model that was split (`-00001-of-00003`)
 * counts as one. Throws an AppError that lists what there is.
 */
export function chooseFiles(ref: PullRef, files: readonly HubFile[]): readonly HubFile[] {
  const models = groupsOf(files.filter((file) => isSafePath(file.path)))
  const matching = models.filter((group) => fits(group, ref))
  const [only, ...others] = matching
  if (only && others.length === 0) return checked(only, ref)
  // A name that stands for one file exactly goes before names that merely hold it (`Q4_K` before `Q4_K_M`).
  const exact = matching.find(
    (group) => ref.wanted !== null && quantOf(group).toLowerCase() === ref.wanted.name.toLowerCase(),
  )
  if (exact) return checked(exact, ref)
  const names = models.map((group) => group[0]?.path ?? '')
  if (names.length === 0) {
    throw new AppError('not_found', `${ref.repo} holds no GGUF file: look for a repository whose name ends in -GGUF.`, {
      reason: 'no_gguf',
      param: 'ref',
    })
  }
  const wanted = ref.wanted?.name
  const near = wanted === undefined || matching.length > 0 ? [] : nearestNames(wanted, names)
  const listed = (matching.length > 0 ? matching : models).slice(0, 12).map(describe).join(', ')
  const message =
    wanted !== undefined && matching.length === 0
      ? `${ref.repo} holds no "${wanted}". ` +
        `${near.length > 0 ? `Did you mean ${near.join(', ')}?` : `It holds: ${listed}.`}`
      : `${ref.repo} holds several models; name one, for example ` +
        `${ref.repo}:${shortName(matching[0] ?? [])}. It holds: ${listed}.`
  throw new AppError(matching.length === 0 ? 'not_found' : 'invalid', message, { reason: 'choose_file', param: 'ref' })
}

/** `dir/Qwen3-0.6B-Q8_0-00001-of-00002.gguf` → `qwen3-0.6b-q8_0`. */
export function modelIdFor(path: string): string {
  const base = path.split('/').at(-1) ?? path
  const name = base.replace(/\.gguf$/i, '').replace(splitSuffix, '')
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, '-')
      .replace(/^[^a-z0-9]+/, '') || 'model'
  )
}

/** All parts of a file that was split, known from its own name. */
export function partNames(file: string): readonly string[] {
  const [, stem = '', , count = ''] = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/i.exec(file) ?? []
  const parts = Number(count)
  if (!parts || parts > 1000) return [file]
  return Array.from({ length: parts }, (_, index) => `${stem}-${String(index + 1).padStart(5, '0')}-of-${count}.gguf`)
}

const splitSuffix = /-(\d{5})-of-(\d{5})$/

type Group = readonly HubFile[]

function groupsOf(files: readonly HubFile[]): readonly Group[] {
  const groups = new Map<string, HubFile[]>()
  for (const file of files) {
    const base = file.path.split('/').at(-1) ?? ''
    // Projectors and calibration data are no models by themselves.
    if (!/\.gguf$/i.test(base) || /mmproj|imatrix/i.test(base)) continue
    const stem = file.path.replace(/\.gguf$/i, '').replace(splitSuffix, '')
    groups.set(stem, [...(groups.get(stem) ?? []), file])
  }
  return [...groups.values()].map((group) => group.sort((a, b) => (a.path < b.path ? -1 : 1)))
}

function fits(group: Group, ref: PullRef): boolean {
  if (ref.wanted === null) return true
  const { kind, name } = ref.wanted
  if (kind === 'file') return group.some((file) => file.path === name)
  const base = (group[0]?.path ?? '').toLowerCase()
  const at = base.lastIndexOf(name.toLowerCase())
  return at > 0 && /[-._/]/.test(base[at - 1] ?? '')
}

function checked(group: Group, ref: PullRef): Group {
  const parts = splitSuffix.exec((group[0]?.path ?? '').replace(/\.gguf$/i, ''))?.[2]
  if (parts === undefined || Number(parts) === group.length) return group
  const message =
    `${ref.repo} holds ${group.length} of the ${Number(parts)} parts of ` +
    `${group[0]?.path ?? ''}: it is not complete there.`
  throw new AppError('not_found', message, { reason: 'parts_missing', param: 'ref' })
}

/** The last part of the name, which by custom tells how the weights are rounded. */
function quantOf(group: Group): string {
  const stem = (group[0]?.path ?? '').replace(/\.gguf$/i, '').replace(splitSuffix, '')
  return /[-.]((?:UD-)?(?:I?Q\d\w*|F16|F32|BF16|MXFP4\w*))$/i.exec(stem)?.[1] ?? ''
}

function shortName(group: Group): string {
  return quantOf(group) || (group[0]?.path ?? '')
}

function describe(group: Group): string {
  const size = group.reduce((sum, file) => sum + file.sizeBytes, 0)
  return `${shortName(group)} (${formatBytes(size)})`
}
