import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { commands } from './commands/index.ts'
import { referenceEnd, referenceStart, renderReference } from './reference.ts'

const guide = join(import.meta.dirname, '..', 'docs', 'guides', 'cli.md')

test('the guide tells about the commands as they are (UPDATE_GOLDEN=1 writes it anew)', async () => {
  const text = await Bun.file(guide).text()
  const [before = '', rest = ''] = text.split(referenceStart)
  const after = rest.split(referenceEnd)[1] ?? ''
  const wanted = `${before}${referenceStart}\n\n${renderReference(commands)}\n\n${referenceEnd}${after}`
  if (process.env['UPDATE_GOLDEN'] === '1') await Bun.write(guide, wanted)
  expect(await Bun.file(guide).text()).toBe(wanted)
})
