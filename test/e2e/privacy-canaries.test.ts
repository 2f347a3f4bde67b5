/** Seeded canaries through the public address: none reaches the cloud. `npm run fuzz -- privacy` plays more of them. */
import { expect, test } from 'bun:test'
import { runPrivacyFuzz } from '../env/privacy-fuzz.ts'

const cases = Number(process.env['HEARTH_FUZZ_CASES'] ?? 500)

test(`of ${cases} canaries in all members none reaches the cloud, and echoes come back whole`, async () => {
  const report = await runPrivacyFuzz({ seed: process.env['HEARTH_TEST_SEED'] ?? '1', cases })
  expect(report.faults).toEqual([])
  // What is refused proves little: most of it was sent, and was clean.
  expect(report.sent).toBeGreaterThan(cases / 2)
  expect(report.restored).toBeGreaterThan(cases / 100)
}, 600_000)

test('where everything may leave, nearly every canary is seen', async () => {
  const { faults, listed, sent, refused } = await runPrivacyFuzz({ seed: 'open', cases: 150, isOpen: true })
  expect(sent).toBeGreaterThan(refused)
  expect((faults.length + listed.length) / sent).toBeGreaterThan(0.9)
}, 120_000)
