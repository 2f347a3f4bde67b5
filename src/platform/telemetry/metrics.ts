/** Label values by label name. */
export type Labels = Readonly<Record<string, string>>

export interface Counter {
  /** The series of these labels; keep it where the same labels come again and again. */
  of(labels: Labels): { add(amount?: number): void }
}

export interface Histogram {
  of(labels: Labels): { observe(value: number): void }
}

/**
 * Metrics in Prometheus text format 0.0.4. A label set beyond `maxSeries` of its metric is counted under `other`, so
 * that callers who invent model names cannot fill the memory.
 */
export interface Metrics {
  counter(name: string, help: string): Counter
  histogram(name: string, help: string, buckets: readonly number[]): Histogram
  /** Read at the moment of the scrape; at most `maxSeries` of it. */
  gauge(name: string, help: string, read: () => Iterable<readonly [Labels, number]>): void
  /** As a gauge, of something that only grows. */
  total(name: string, help: string, read: () => Iterable<readonly [Labels, number]>): void
  render(): string
}

const maxSeries = 500

export function createMetrics(): Metrics {
  const families: (() => string)[] = []
  const render = (name: string, help: string, type: string, lines: () => string[]) =>
    families.push(() => [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines()].join('\n'))

  return {
    counter(name, help) {
      const series = createSeries(() => ({ value: 0 }))
      render(name, help, 'counter', () =>
        series.entries().map(([text, entry]) => `${name}${braces(text)} ${entry.value}`),
      )
      return {
        of: (labels) => {
          const entry = series.of(labels)
          return {
            add: (amount = 1) => {
              entry.value += amount
            },
          }
        },
      }
    },
    histogram(name, help, buckets) {
      const series = createSeries(() => ({ counts: buckets.map(() => 0), sum: 0, count: 0 }))
      render(name, help, 'histogram', () =>
        series.entries().flatMap(([text, entry]) => {
          const prefix = text === '' ? '' : `${text},`
          return [
            ...buckets.map((bound, index) => `${name}_bucket{${prefix}le="${bound}"} ${entry.counts[index]}`),
            `${name}_bucket{${prefix}le="+Inf"} ${entry.count}`,
            `${name}_sum${braces(text)} ${entry.sum}`,
            `${name}_count${braces(text)} ${entry.count}`,
          ]
        }),
      )
      return {
        of: (labels) => {
          const entry = series.of(labels)
          return {
            observe: (value) => {
              entry.sum += value
              entry.count += 1
              for (let index = buckets.length - 1; index >= 0 && value <= (buckets[index] ?? 0); index--) {
                entry.counts[index] = (entry.counts[index] ?? 0) + 1
              }
            },
          }
        },
      }
    },
    gauge: (name, help, read) => render(name, help, 'gauge', () => lines(name, read())),
    total: (name, help, read) => render(name, help, 'counter', () => lines(name, read())),
    render: () => `${families.map((family) => family()).join('\n')}\n`,
  }
}

const lines = (name: string, values: Iterable<readonly [Labels, number]>): string[] =>
  [...values].slice(0, maxSeries).map(([labels, value]) => `${name}${braces(labelText(labels))} ${value}`)

function createSeries<Entry>(make: () => Entry) {
  const byText = new Map<string, Entry>()
  return {
    of(labels: Labels): Entry {
      const text = labelText(labels)
      const known = byText.get(text)
      if (known) return known
      const key =
        byText.size < maxSeries
          ? text
          : labelText(Object.fromEntries(Object.keys(labels).map((name) => [name, 'other'])))
      const entry = byText.get(key) ?? make()
      byText.set(key, entry)
      return entry
    },
    entries: () => [...byText.entries()],
  }
}

const braces = (text: string): string => (text === '' ? '' : `{${text}}`)

const labelText = (labels: Labels): string =>
  Object.entries(labels)
    .map(
      ([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
    )
    .join(',')
