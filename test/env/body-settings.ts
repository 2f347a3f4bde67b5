import type { BodyLogSettings } from '../../src/metering/index.ts'

/** As in a house that nobody configured. */
export const noBodies: BodyLogSettings = {
  bodies: 'off',
  bodyBytes: 64 * 1024,
  maxBytes: 2 ** 30,
  retentionDays: 7,
  mayOptIn: false,
  exceptKeys: [],
}
