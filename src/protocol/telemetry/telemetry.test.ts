import { expect, test } from 'bun:test'
import { readExportResponse, toExportRequest } from './otlp.ts'
import { readTraceParent, writeTraceParent } from './traceparent.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'

test('a span is written as the JSON form of OTLP has it', () => {
  const made = toExportRequest(
    [
      {
        traceId,
        spanId,
        parentSpanId: null,
        name: 'chat m',
        kind: 'client',
        startMs: 1_769_817_600_000.125,
        endMs: 1_769_817_600_001,
        attributes: { text: 'a', whole: 3, part: 0.5, flag: false, unknown: null },
        events: [{ name: 'e', atMs: 1_769_817_600_000.5 }],
        isError: true,
      },
    ],
    { resource: { 'service.name': 'hearth' }, scope: { name: 'hearth', version: '1' } },
  )
  expect(made).toEqual({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'hearth' } }] },
        scopeSpans: [
          {
            scope: { name: 'hearth', version: '1' },
            spans: [
              {
                traceId,
                spanId,
                name: 'chat m',
                kind: 3,
                startTimeUnixNano: '1769817600000125000',
                endTimeUnixNano: '1769817600001000000',
                attributes: [
                  { key: 'text', value: { stringValue: 'a' } },
                  { key: 'whole', value: { intValue: '3' } },
                  { key: 'part', value: { doubleValue: 0.5 } },
                  { key: 'flag', value: { boolValue: false } },
                ],
                events: [{ timeUnixNano: '1769817600000500000', name: 'e' }],
                status: { code: 2 },
              },
            ],
          },
        ],
      },
    ],
  })
})

test.each([
  ['{}', 0, ''],
  ['', 0, ''],
  ['<html>', 0, ''],
  ['{"partialSuccess":{"rejectedSpans":"3","errorMessage":"no"}}', 3, 'no'],
  ['{"partialSuccess":{"rejectedSpans":2}}', 2, ''],
  ['{"partialSuccess":{"rejectedSpans":"-1","errorMessage":"a warning"}}', 0, 'a warning'],
])('the answer %s says that %p spans were not taken', (text, rejected, message) => {
  expect(readExportResponse(text)).toEqual({ rejected, message })
})

test.each([
  [`00-${traceId}-${spanId}-01`, true],
  [` 00-${traceId}-${spanId}-00 `, false],
  [`00-${traceId}-${spanId}-03`, true],
  // A later version may have more at its end.
  [`01-${traceId}-${spanId}-01-more`, true],
])('traceparent %s is read', (text, isSampled) => {
  expect(readTraceParent(text)).toEqual({ traceId, spanId, isSampled })
})

test.each([
  [''],
  ['00'],
  [`ff-${traceId}-${spanId}-01`],
  [`00-${traceId}-${spanId}-01-more`],
  [`00-${'0'.repeat(32)}-${spanId}-01`],
  [`00-${traceId}-${'0'.repeat(16)}-01`],
  [`00-${traceId.toUpperCase()}-${spanId}-01`],
  [`00-${traceId}-${spanId}-1`],
  [`00-${traceId}-${spanId}-01, 00-${traceId}-${spanId}-01`],
])('traceparent %p is none', (text) => {
  expect(readTraceParent(text)).toBe(null)
})

test('what is written is read again', () => {
  const parent = { traceId, spanId, isSampled: true }
  expect(readTraceParent(writeTraceParent(parent))).toEqual(parent)
})
