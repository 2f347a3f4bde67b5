import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fakeAdminKey, startFakeHouse } from '../../test/fakes/house.ts'

const folder = mkdtempSync(join(tmpdir(), 'hearth-sdk-node-'))
const here = import.meta.dirname

async function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const path = process.env['PATH'] ?? ''
  const child = Bun.spawn([...argv], { env: { PATH: path, ...env }, stdout: 'pipe', stderr: 'pipe', cwd: here })
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited])
  expect({ code, out, err }).toEqual({ code: 0, out, err })
  return out
}

beforeAll(async () => {
  const compiler = join(here, '../../node_modules/.bin/tsc')
  await run([compiler, '-p', 'tsconfig.build.json', '--outDir', folder])
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  const script = `
    import { Hearth } from './index.js'
    const hearth = new Hearth(JSON.parse(process.env.AT))
    const models = (await hearth.models.list()).data.length
    let said = ''
    const messages = [{ role: 'user', content: 'hello' }]
    for await (const chunk of hearth.chat.stream({ model: 'tiny-a', messages })) said += chunk.choices[0]?.delta.content ?? ''
    const events = hearth.events()
    const first = (await events.next()).value.type
    await events.return()
    const failure = await hearth.models.get('nothing').catch((error) => error.code)
    console.log(JSON.stringify({ models, said, first, failure }))`
  writeFileSync(join(folder, 'try.js'), script)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(['socket', 'TCP'] as const)('the built client runs on Node over %s and lets the process end', async (way) => {
  const socket = join(folder, 'house.sock')
  await using house = startFakeHouse(way === 'TCP' ? { port: 0 } : { socket })
  const at = way === 'TCP' ? { url: house.url, key: fakeAdminKey } : { socket }
  const out = await run(['node', join(folder, 'try.js')], { AT: JSON.stringify(at) })
  expect(JSON.parse(out)).toEqual({ models: 3, said: 'You said: hello', first: 'hello', failure: 'model_not_found' })
})

test('browsers never load a module of Node: only the socket’s file names one, and it is imported on demand', async () => {
  const bundle = await Bun.build({ entrypoints: [join(here, 'index.ts')], target: 'browser', splitting: true })
  const entry = bundle.outputs.find((output) => output.kind === 'entry-point')
  expect(bundle.success).toBe(true)
  expect(await entry?.text()).not.toContain('node:http')
})
