import { expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { generateOpenApi, openApiPath } from '../tools/generate-openapi.ts'

test('api/openapi.json is what the house serves; after a change run `bun tools/generate-openapi.ts`', async () => {
  const document = await generateOpenApi()
  expect(Object.keys((JSON.parse(document) as { paths: object }).paths).length).toBeGreaterThan(25)
  expect(document === (await readFile(openApiPath, 'utf8'))).toBe(true)
})
