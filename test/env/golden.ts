import { expect } from 'bun:test'

/** Compares with what is written down; `UPDATE_GOLDEN=1` writes it anew, for a person to read in the diff. */
export async function expectGolden(file: string, text: string): Promise<void> {
  if (process.env['UPDATE_GOLDEN'] === '1') await Bun.write(file, text)
  const written = Bun.file(file)
  expect(text).toBe((await written.exists()) ? await written.text() : `There is no ${file}: run with UPDATE_GOLDEN=1.`)
}

/** As it stands in a golden file. */
export const asGolden = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
