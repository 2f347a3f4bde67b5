import type { Found, Place, Recogniser } from '../words.ts'
import { isLuhn } from './checksums.ts'
import { contextWords } from './context.ts'
import { digitNumber } from './digit-runs.ts'

export const devices: readonly Recogniser[] = [
  digitNumber({
    id: 'device.imei',
    type: 'DEVICE',
    shapes: [[15], [2, 6, 6, 1], [6, 2, 6, 1], [8, 6, 1]],
    separators: '- /',
    tellingSeparators: '-',
    alone: 'grouped',
    words: contextWords('imei', 'imei1', 'imei2', 'meid', 'handset', 'geratenummer', 'device'),
    isValid: isLuhn,
  }),
  digitNumber({
    id: 'device.imsi',
    type: 'DEVICE',
    shapes: [[15], [14], [3, 2, 10], [3, 2, 9]],
    separators: ' -',
    alone: 'never',
    isUnchecked: true,
    words: contextWords('imsi', 'subscriber identity', 'sim'),
    isValid: (digits) => /^[2-7]/.test(digits),
  }),
  digitNumber({
    id: 'device.sim',
    type: 'DEVICE',
    shapes: [[19], [20], [4, 4, 4, 4, 3], [4, 4, 4, 4, 4]],
    separators: ' -',
    alone: 'grouped',
    words: contextWords('iccid', 'sim', 'sim card', 'sim karte', 'simkarte', 'carte sim', 'tarjeta sim', 'esim', 'eid'),
    isValid: (digits) => digits.startsWith('89') && (isLuhn(digits) || isLuhn(digits.slice(0, 19))),
  }),
  {
    id: 'device.id',
    type: 'DEVICE',
    trigger: {
      kind: 'literal',
      literals: [
        'device',
        'udid',
        'android_id',
        'android id',
        'androidid',
        'idfa',
        'idfv',
        'gaid',
        'advertising',
      ].concat(['hardware id', 'hardware_id', 'machine-id', 'machine id', 'machine_id', 'machineid', 'hwid']),
    },
    match: matchDevice,
  },
  {
    id: 'device.serial',
    type: 'DEVICE',
    trigger: {
      kind: 'literal',
      literals: ['serial', 's/n', 'seriennummer', 'serien-nr', 'de serie', 'ro de s', 'di serie', 'matricola'],
    },
    match: matchSerial,
  },
]

/** A UUID, 16 or 40 hexadecimal digits, or Apple's 8-16 form right behind the word. */
function matchDevice({ view, start: at, end: behind }: Place): Found | null {
  if (at > 0 && /[a-z]/i.test(view.text.charAt(at - 1)) && !/[A-Z]/.test(view.text.charAt(at))) return null
  const match = deviceId.exec(view.lower.slice(behind, behind + 80))
  const canonical = match?.[1]
  if (match === null || canonical === undefined || !/\d/.test(canonical) || /^[0-]+$/.test(canonical)) return null
  const end = behind + match[0].length
  return { start: end - canonical.length, end, score: 0.85, isValidated: false, canonical }
}

const deviceId = new RegExp(
  [
    '^[\\w \\-"\'.]{0,24}?[\\s"\':=#([]{1,5}',
    '([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{8}-[0-9a-f]{16}|[0-9a-f]{40}|[0-9a-f]{32}|[0-9a-f]{16})',
    '(?![0-9a-z_-])',
  ].join(''),
)

/** `Serial number: C02XG0FDH7JY`: capitals and digits, six to twenty, both of them or digits only. */
function matchSerial({ view, start: at, end: behind }: Place): Found | null {
  const isInside = at > 0 && /[\p{L}\p{N}]/u.test(view.text.charAt(at - 1)) && !/[A-Z]/.test(view.text.charAt(at))
  // `numéro de série` is found by a piece of it.
  if (isInside && !view.lower.startsWith('ro de s', at)) return null
  const match = serialNumber.exec(view.text.slice(behind, behind + 48))
  const written = match?.[1]
  if (match === null || written === undefined) return null
  const isSerial = (written.match(/\d/g)?.length ?? 0) >= 3 && written === written.toUpperCase() && !isDate(written)
  if (!isSerial) return null
  const end = behind + match[0].length
  return { start: end - written.length, end, score: 0.75, isValidated: false, canonical: written.replace(/-/g, '') }
}

const serialNumber = new RegExp(
  [
    '^(?:[eé]rie|e)?[ _-]?(?:number|num|no|nr|nummer)?[.]?(?: of [a-z ]{1,16})?["\']?',
    '(?:[ \\t]{0,2}[:=#][ \\t]{0,2}| is | ist | est | es | )["\']?',
    '([A-Z0-9][A-Z0-9-]{4,22}[A-Z0-9])(?![\\p{L}\\p{N}_-])',
  ].join(''),
  'iu',
)

function isDate(text: string): boolean {
  return /^(19|20)\d\d-?\d\d-?\d\d$/.test(text)
}
