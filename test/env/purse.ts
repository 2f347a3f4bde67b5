import type { PassagePorts } from '../../src/passage/ports.ts'

/** A key without limits. */
export const noLimits: PassagePorts['purse'] = {
  reserve: () => ({
    ok: true,
    hold: { tokens: 0, micros: 0, grow: () => true, settle: () => {}, release: () => {} },
    headers: {},
    isBounded: false,
  }),
}

/** Nothing has a price. */
export const noPrices: PassagePorts['prices'] = { costMicros: () => null, boundMicros: () => 0 }

/** What a test reserves where it does not matter what. */
export const anyEstimate = { promptTokens: 10, outputTokens: 0, targets: [], models: ['m'] } as const

/** Of usage: all of it. */
export const allUsage = { key: null, user: null, team: null, model: null, upstream: null, tag: null } as const
