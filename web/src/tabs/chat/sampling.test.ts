import { describe, expect, test } from 'bun:test'
import { plainSampling, readStops, type Sampling, samplingBody, unpackSampling, writeStops } from './sampling.ts'

const body = (change: Partial<Sampling>) => samplingBody({ ...plainSampling, ...change })

describe('parameters', () => {
  const cases: readonly [string, Partial<Sampling>, object][] = [
    ['that nobody chose are not sent', {}, {}],
    ['of 0 are sent', { temperature: 0, seed: 0 }, { temperature: 0, seed: 0 }],
    ['are named as the API names them', { topP: 0.9, maxTokens: 7 }, { top_p: 0.9, max_tokens: 7 }],
    ['know the effort of thinking', { effort: 'none' }, { reasoning_effort: 'none' }],
    ['end at four texts at most', { stop: ['a', 'b', 'c', 'd', 'e'] }, { stop: ['a', 'b', 'c', 'd'] }],
    ['may want any JSON', { format: 'json_object' }, { response_format: { type: 'json_object' } }],
    [
      'may want JSON by a schema',
      { format: 'json_schema', schema: '{"type":"object"}' },
      { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object' } } } },
    ],
    [
      'take a schema that names itself as it is',
      { format: 'json_schema', schema: '{"name":"x","strict":true,"schema":{}}' },
      { response_format: { type: 'json_schema', json_schema: { name: 'x', strict: true, schema: {} } } },
    ],
    ['send nothing for a schema that cannot be read', { format: 'json_schema', schema: '{' }, {}],
  ]
  test.each(cases)('%s', (_, change, expected) => expect(body(change)).toEqual({ ...expected }))

  test('keep line breaks in the texts to end at', () => {
    expect(readStops('END\n\n\\n\\n')).toEqual(['END', '\n\n'])
    expect(readStops(writeStops(['END', '\n\n']))).toEqual(['END', '\n\n'])
  })

  test('that were kept wrongly are left to the model', () => {
    expect(unpackSampling({ temperature: 'hot', stop: 3, effort: 'huge', format: 'xml' })).toEqual(plainSampling)
    expect(unpackSampling(null)).toEqual(plainSampling)
  })
})
