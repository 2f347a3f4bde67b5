import { median } from '../machine.ts'

export interface Pace {
  readonly rounds: number
  readonly roundMs: number
}

/**
 * Seconds of processor time for one run, median of rounds: on the one core that this process is pinned to, with its
 * compiler and its collector, that is what a quiet machine takes.
 */
export async function secondsOf(run: () => unknown, { rounds, roundMs }: Pace): Promise<number> {
  let times = 1
  const round = async (): Promise<number> => {
    const before = process.cpuUsage()
    for (let time = 0; time < times; time++) await run()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1e6 / times
  }
  // What is not compiled yet takes many times as long: warm for some rounds, and learn how many runs fill one.
  for (let warm = 0; warm < warmRounds; warm++) times = Math.max(1, Math.round(roundMs / 1000 / (await round())))
  const seconds: number[] = []
  for (let index = 0; index < rounds; index++) seconds.push(await round())
  return median(seconds)
}

const warmRounds = 12

export const megabytes = (text: string): number => Buffer.byteLength(text) / 1e6
