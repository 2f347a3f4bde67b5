export interface Sample {
  readonly minute: number
  readonly mib: number
}

/** Least squares, MiB per minute. */
export function slope(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((total, sample) => total + of(sample), 0) / samples.length
  const [x, y] = [mean(({ minute }) => minute), mean(({ mib }) => mib)]
  const over = samples.reduce((total, { minute, mib }) => total + (minute - x) * (mib - y), 0)
  return over / samples.reduce((total, { minute }) => total + (minute - x) ** 2, 0)
}
