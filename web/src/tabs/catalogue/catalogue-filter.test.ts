import { describe, expect, test } from 'bun:test'
import {
  anyModel,
  type CatalogueFilter,
  furtherSet,
  readCatalogueFilter,
  writeCatalogueFilter,
} from './catalogue-filter.ts'

const all: CatalogueFilter = {
  text: 'llama 70b & co',
  provider: 'groq',
  usable: 'false',
  input: 'image',
  output: 'audio',
  tools: 'true',
  reasoning: 'true',
  openWeights: 'true',
  minContext: '128000',
  maxInputPrice: '0.5',
  maxOutputPrice: '0',
}

describe('the filter of the catalogue', () => {
  test('comes back from the address as it was written', () => {
    expect(readCatalogueFilter(writeCatalogueFilter(all))).toEqual(all)
  })

  test('is nothing where nothing is chosen', () => {
    expect([writeCatalogueFilter(anyModel), readCatalogueFilter('')]).toEqual(['', anyModel])
  })

  test.each([
    'usable=maybe',
    'input=smell',
    'input=text,image',
    'tools=false',
    'minContext=0',
    'minContext=-1',
    'minContext=1e9',
    'maxInputPrice=cheap',
    'maxOutputPrice=-1',
    'maxOutputPrice=',
    'limit=1000&after=x',
  ])('%s is what the API would not take, or not meant: no filter', (query) => {
    expect(readCatalogueFilter(query)).toEqual(anyModel)
  })

  test('keeps no more of a text than the API takes', () => {
    const read = readCatalogueFilter(`text=${'x'.repeat(300)}&provider=${'p'.repeat(300)}`)
    expect([read.text.length, read.provider.length]).toEqual([200, 64])
  })

  test('counts what is set out of sight', () => {
    expect([furtherSet(anyModel), furtherSet({ ...anyModel, text: 'x', usable: 'true' }), furtherSet(all)]).toEqual([
      0, 0, 9,
    ])
  })
})
