import { open, readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import type { LibraryFile } from '#protocol/admin/pulls.ts'
import type { FoundFiles } from '../service/library.ts'

export interface FoundFilesOptions {
  /** `HEARTH_HOME/models`. */
  readonly hearthFolder: string
  readonly userHome: string
  /** From OLLAMA_MODELS; null = where Ollama puts them by itself. */
  readonly ollamaModels: string | null
  /** From HF_HUB_CACHE; null = the default. */
  readonly huggingfaceCache: string | null
  /** Where a system-wide Ollama keeps them. */
  readonly systemOllama?: string
}

const maxDepth = 8
const maxEntries = 50_000
const maxFiles = 2_000
const maxManifestBytes = 1024 * 1024

type Found = Omit<LibraryFile, 'id'>

/** Looks where this and other programs keep model files. Reads only; what cannot be read is passed over. */
export function createFoundFiles(options: FoundFilesOptions): FoundFiles {
  const { userHome } = options
  return {
    async scan() {
      const walk = new Walk()
      const ollama = [
        options.ollamaModels ?? join(userHome, '.ollama/models'),
        options.systemOllama ?? '/usr/share/ollama/.ollama/models',
      ]
      const hub = options.huggingfaceCache ?? join(userHome, '.cache/huggingface/hub')
      const found = [
        ...(await ggufFiles(walk, options.hearthFolder, 'hearth', (path) => path)),
        ...(await ollamaFiles(walk, ollama)),
        ...(await ggufFiles(walk, join(userHome, '.lmstudio/models'), 'lmstudio', (path) => path)),
        ...(await ggufFiles(walk, join(userHome, '.cache/lm-studio/models'), 'lmstudio', (path) => path)),
        ...(await ggufFiles(walk, hub, 'huggingface', hubName)),
      ]
      return distinct(found)
    },
  }
}

/** One budget for all places: a home with a million files must not keep the disk busy for minutes. */
class Walk {
  #entries = 0

  /** Files below a folder, links included, hidden ones not. */
  async *files(folder: string, depth = 0): AsyncGenerator<string> {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
    for (const entry of entries) {
      if (++this.#entries > maxEntries) return
      const path = join(folder, entry.name)
      if (entry.isDirectory()) {
        if (depth < maxDepth && !entry.name.startsWith('.')) yield* this.files(path, depth + 1)
      } else if (entry.isFile() || entry.isSymbolicLink()) {
        yield path
      }
    }
  }
}

async function ggufFiles(
  walk: Walk,
  root: string,
  from: Found['from'],
  nameOf: (path: string) => string,
): Promise<readonly Found[]> {
  const found: Found[] = []
  const parts = new Map<string, number>()
  for await (const path of walk.files(root)) {
    if (found.length >= maxFiles) break
    // Projectors are no models by themselves.
    if (!/\.gguf$/i.test(path) || /mmproj/i.test(basename(path))) continue
    const sizeBytes = await ggufSize(path)
    if (sizeBytes === null) continue
    const [, stem, part] = /^(.*)-(\d{5})-of-\d{5}\.gguf$/i.exec(path) ?? []
    if (stem !== undefined) parts.set(stem, (parts.get(stem) ?? 0) + sizeBytes)
    if (part === undefined || part === '00001')
      found.push({ name: nameOf(relative(root, path)).split(sep).join('/'), path, sizeBytes, from })
  }
  return found.map((file) => {
    const stem = /^(.*)-\d{5}-of-\d{5}\.gguf$/i.exec(file.path)?.[1]
    return stem === undefined ? file : { ...file, sizeBytes: parts.get(stem) ?? file.sizeBytes }
  })
}

/** `manifests/<registry>/<space>/<name>/<tag>` names the layers; the weights are a blob by their digest. */
async function ollamaFiles(walk: Walk, roots: readonly string[]): Promise<readonly Found[]> {
  const found: Found[] = []
  for (const root of roots) {
    const manifests = join(root, 'manifests')
    for await (const path of walk.files(manifests)) {
      if (found.length >= maxFiles) break
      const digest = await ollamaWeights(path)
      if (digest === null) continue
      const blob = join(root, 'blobs', `sha256-${digest}`)
      const sizeBytes = await ggufSize(blob)
      if (sizeBytes !== null)
        found.push({ name: ollamaName(relative(manifests, path)), path: blob, sizeBytes, from: 'ollama' })
    }
  }
  return found
}

async function ollamaWeights(manifest: string): Promise<string | null> {
  try {
    const { size } = await stat(manifest)
    if (size > maxManifestBytes) return null
    const value: unknown = JSON.parse(await readFile(manifest, 'utf8'))
    const layers = isRecord(value) && Array.isArray(value['layers']) ? (value['layers'] as unknown[]) : []
    const weights = layers.find(
      (layer) => isRecord(layer) && layer['mediaType'] === 'application/vnd.ollama.image.model',
    )
    const digest = isRecord(weights) ? weights['digest'] : null
    return typeof digest === 'string' ? (/^sha256:([0-9a-f]{64})$/.exec(digest)?.[1] ?? null) : null
  } catch {
    return null
  }
}

/** `registry.ollama.ai/library/qwen3/8b` → `qwen3:8b`; others keep what tells them apart. */
function ollamaName(path: string): string {
  const steps = path.split(sep)
  const tag = steps.at(-1) ?? ''
  const place = steps
    .slice(0, -1)
    .join('/')
    .replace(/^registry\.ollama\.ai\/(library\/)?/, '')
  return `${place}:${tag}`
}

/** `models--org--repo/snapshots/<revision>/file.gguf` → `org/repo/file.gguf`. */
function hubName(path: string): string {
  const [cache = '', , , ...file] = path.split(sep)
  return [...cache.replace(/^models--/, '').split('--'), ...file].join('/')
}

/** Size of a file that begins as GGUF does; null = it does not, or cannot be read. */
async function ggufSize(path: string): Promise<number | null> {
  // Opening a pipe would wait for its other end.
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
  const handle = isFile ? await open(path, 'r').catch(() => null) : null
  if (!handle) return null
  try {
    const magic = new Uint8Array(4)
    await handle.read(magic, 0, 4, 0)
    if (new TextDecoder().decode(magic) !== 'GGUF') return null
    const { size } = await handle.stat()
    return size
  } catch {
    return null
  } finally {
    await handle.close()
  }
}

/** The same file under two names (snapshots of two revisions, tags of one model) is shown once, by its first name. */
async function distinct(found: readonly Found[]): Promise<readonly Found[]> {
  const seen = new Set<string>()
  const kept: Found[] = []
  for (const file of found) {
    const real = await realpath(file.path).catch(() => file.path)
    if (seen.has(real)) continue
    seen.add(real)
    kept.push(file)
  }
  return kept
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
