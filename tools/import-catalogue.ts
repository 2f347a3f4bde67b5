import { join } from 'node:path'
import { importCatalogue } from '../src/catalogue/core/import.ts'
import { writeCatalogue } from '../src/catalogue/core/form.ts'

/**
 * Makes the catalogue that Hearth brings along (`src/catalogue/bundled.json`) of a document in any form that
 * `hearth catalogue update` takes:
 *
 *   bun tools/import-catalogue.ts <file> [<day, for a document without one>]
 */
const [file, day = new Date().toISOString().slice(0, 10)] = Bun.argv.slice(2)
if (file === undefined) throw new Error('Name the file: bun tools/import-catalogue.ts <file>')
const imported = importCatalogue(await Bun.file(file).json(), day)
if (!imported.ok) throw new Error(imported.why)
const { catalogue, leftOut } = imported
const text = writeCatalogue(catalogue)
await Bun.write(join(import.meta.dir, '..', 'src', 'catalogue', 'bundled.json'), text)
const providers = [...catalogue.providers.values()]
const usable = providers.filter(({ reach }) => reach.kind !== 'none')
const count = (list: typeof providers) => list.reduce((sum, { models }) => sum + models.size, 0)
console.log(`${count(providers)} models of ${providers.length} providers, ${text.length} characters.`)
console.log(`Reached: ${count(usable)} models of ${usable.length} providers.`)
if (leftOut.length > 0) console.log(`Left out: ${leftOut.join(', ')}`)
