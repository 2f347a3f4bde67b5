import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createFoundFiles } from './found-files.ts'

const home = mkdtempSync(join(tmpdir(), 'hearth-test-found-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

function put(path: string, content: string): string {
  const whole = join(home, path)
  mkdirSync(dirname(whole), { recursive: true })
  writeFileSync(whole, content)
  return whole
}

const scan = () =>
  createFoundFiles({
    hearthFolder: join(home, 'hearth/models'),
    userHome: home,
    ollamaModels: null,
    huggingfaceCache: null,
    systemOllama: join(home, 'system-ollama'),
  }).scan()

test('on a machine without any model files nothing is found', async () => {
  expect(await scan()).toEqual([])
})

test('files of every program are found by what they are, and each once', async () => {
  const own = put('hearth/models/org/repo/a.gguf', 'GGUF own')
  put('hearth/models/org/repo/b.gguf.part', 'GGUF half')
  put('hearth/models/org/repo/c.gguf', 'HTML error page')
  put('hearth/models/org/repo/mmproj-a.gguf', 'GGUF projector')

  const digest = 'ab'.repeat(32)
  const blob = put(`.ollama/models/blobs/sha256-${digest}`, 'GGUF ollama')
  const layers = [{ mediaType: 'application/vnd.ollama.image.model', digest: `sha256:${digest}` }]
  put('.ollama/models/manifests/registry.ollama.ai/library/qwen3/8b', JSON.stringify({ layers }))
  put('.ollama/models/manifests/registry.ollama.ai/library/qwen3/latest', JSON.stringify({ layers }))
  put(
    '.ollama/models/manifests/hf.co/org/repo/Q4',
    JSON.stringify({ layers: [{ mediaType: 'x', digest: 'sha256:../../etc' }] }),
  )
  put('.ollama/models/manifests/registry.ollama.ai/library/torn/x', '{"layers": [')

  const studio = put('.lmstudio/models/pub/repo/S-00001-of-00002.gguf', 'GGUF one')
  put('.lmstudio/models/pub/repo/S-00002-of-00002.gguf', 'GGUF two')

  const cached = put('.cache/huggingface/hub/models--org--name/blobs/123', 'GGUF cached')
  const snapshots = join(home, '.cache/huggingface/hub/models--org--name/snapshots')
  for (const revision of ['r1', 'r2']) {
    mkdirSync(join(snapshots, revision), { recursive: true })
    symlinkSync(cached, join(snapshots, revision, 'n.gguf'))
  }
  symlinkSync(join(home, 'nowhere'), join(snapshots, 'r1', 'broken.gguf'))
  symlinkSync(snapshots, join(snapshots, 'r1', 'loop'))

  const found = await scan()
  expect(found.filter((file) => file.from === 'hearth')).toEqual([
    { name: 'org/repo/a.gguf', path: own, sizeBytes: 8, from: 'hearth' },
  ])
  const ollama = found.filter((file) => file.from === 'ollama')
  expect(ollama).toMatchObject([{ path: blob, sizeBytes: 11 }])
  expect(ollama[0]?.name).toStartWith('qwen3:')
  expect(found.filter((file) => file.from === 'lmstudio')).toEqual([
    { name: 'pub/repo/S-00001-of-00002.gguf', path: studio, sizeBytes: 16, from: 'lmstudio' },
  ])
  expect(found.filter((file) => file.from === 'huggingface')).toMatchObject([
    { name: 'org/name/n.gguf', sizeBytes: 11 },
  ])
})
