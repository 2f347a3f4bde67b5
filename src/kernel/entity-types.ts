/**
 * What a value is. The label of its placeholder is the same word: `[EMAIL_7KQ2]`. `LITERAL` is text that looked like a
 * placeholder before anything was scrubbed; `TERM` stands on the operator's deny list.
 */
export const entityTypes = [
  'PERSON',
  'ORGANIZATION',
  'ADDRESS',
  'EMAIL',
  'PHONE',
  'USERNAME',
  'BIRTHDATE',
  'CARD',
  'IBAN',
  'BIC',
  'ACCOUNT',
  'WALLET',
  'NATIONAL_ID',
  'TAX_ID',
  'HEALTH_ID',
  'VEHICLE',
  'DEVICE',
  'IP',
  'MAC',
  'HOST',
  'URL',
  'COORDINATES',
  'SECRET',
  'TERM',
  'LITERAL',
] as const
export type EntityType = (typeof entityTypes)[number]
