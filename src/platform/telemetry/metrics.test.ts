import { expect, test } from 'bun:test'
import { createMetrics } from './metrics.ts'

test('metrics are written in the Prometheus text format', () => {
  const metrics = createMetrics()
  const requests = metrics.counter('requests_total', 'Requests.')
  const seconds = metrics.histogram('seconds', 'Durations.', [0.1, 1])
  metrics.gauge('open', 'Open now.', () => [[{}, 3]])
  requests.of({ model: 'a"b' }).add()
  requests.of({ model: 'a"b' }).add(2)
  seconds.of({ model: 'a' }).observe(0.5)
  expect(metrics.render()).toBe(
    [
      '# HELP requests_total Requests.',
      '# TYPE requests_total counter',
      'requests_total{model="a\\"b"} 3',
      '# HELP seconds Durations.',
      '# TYPE seconds histogram',
      'seconds_bucket{model="a",le="0.1"} 0',
      'seconds_bucket{model="a",le="1"} 1',
      'seconds_bucket{model="a",le="+Inf"} 1',
      'seconds_sum{model="a"} 0.5',
      'seconds_count{model="a"} 1',
      '# HELP open Open now.',
      '# TYPE open gauge',
      'open 3',
      '',
    ].join('\n'),
  )
})

test('invented label values end under other instead of filling the memory', () => {
  const metrics = createMetrics()
  const counter = metrics.counter('requests_total', 'Requests.')
  for (let n = 0; n < 2000; n++) counter.of({ model: `m${n}` }).add()
  const text = metrics.render()
  expect(text.split('\n').length).toBeLessThan(510)
  expect(text).toContain('requests_total{model="other"} 1500')
})

test('what is read at the scrape has an end too', () => {
  const metrics = createMetrics()
  metrics.gauge('open', 'Open now.', () => Array.from({ length: 2000 }, (_, n) => [{ model: `m${n}` }, n] as const))
  metrics.total('sent_total', 'Sent.', () => [[{}, 3]])
  const lines = metrics.render().split('\n')
  expect(lines.filter((line) => line.startsWith('open{'))).toHaveLength(500)
  expect(lines).toContain('# TYPE sent_total counter')
})
