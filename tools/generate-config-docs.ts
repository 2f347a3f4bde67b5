import { mkdirSync, writeFileSync } from 'node:fs'
import { configJsonSchema, configReference } from '#config/reference.ts'

/** Writes the pages about settings; `src/config/reference.test.ts` fails while they differ from the schema. */
const folder = `${import.meta.dir}/../docs/reference`
mkdirSync(folder, { recursive: true })
writeFileSync(`${folder}/config.schema.json`, configJsonSchema())
writeFileSync(`${folder}/config.md`, configReference())
