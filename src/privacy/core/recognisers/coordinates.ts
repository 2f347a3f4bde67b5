import type { Found, Place, Recogniser } from '../words.ts'
import { contextWords, hasContext } from './context.ts'
import { anyLength, digitGroups } from './digit-runs.ts'
import { isDigitCode, isWhole, isWordCode } from './edges.ts'

const words = contextWords(
  [
    'lat',
    'latitude',
    'lon',
    'lng',
    'longitude',
    'latlng',
    'gps',
    'coordinate*',
    'coords',
    'location',
    'position',
    'geo',
  ],
  [
    'koordinate*',
    'standort',
    'breitengrad',
    'breite',
    'coordonnees',
    'emplacement',
    'coordenadas',
    'ubicacion',
    'maps',
  ],
  ['coordinate gps', 'posizione', 'localizacao', 'wspolrzedne', 'locatie', 'waypoint', 'geolocation', 'll', 'at'],
)

export const coordinateRecognisers: readonly Recogniser[] = [
  {
    id: 'coordinates.pair',
    type: 'COORDINATES',
    trigger: { kind: 'digits', min: 6, max: anyLength, only: { leastGroups: 4, isInside: true } },
    match: matchPair,
  },
  {
    id: 'coordinates.named',
    type: 'COORDINATES',
    trigger: { kind: 'literal', literals: ['lat', 'lon', 'lng', 'breitengrad', 'laengengrad'] },
    match: matchNamed,
  },
  {
    id: 'coordinates.degrees',
    type: 'COORDINATES',
    trigger: { kind: 'digits', min: 1, max: anyLength },
    match: matchDegrees,
  },
  { id: 'coordinates.uri', type: 'COORDINATES', trigger: { kind: 'literal', literals: ['geo:'] }, match: matchUri },
]

/** `52.5200, 13.4050`: four decimals and more in both and no third number, or three with a word beside them. */
function matchPair(place: Place): Found | null {
  const { view } = place
  const { groups, first } = digitGroups(place)
  for (let index = first; index + 3 < groups.length; index++) {
    const group = groups[index]
    if (group === undefined || group.end - group.start > 3 || view.text.charAt(group.end) !== '.') continue
    const start = /[-+]/.test(view.text.charAt(group.start - 1)) ? group.start - 1 : group.start
    const pair = /[-+]?\d{1,2}\.\d{3,10}(?:, ?|; ?|%2c| |\/)[-+]?\d{1,3}\.\d{3,10}/iy
    pair.lastIndex = start
    const written = pair.exec(view.text)?.[0]
    if (written === undefined) continue
    const end = start + written.length
    const [latitude = '', longitude = ''] = written.split(/, ?|; ?|%2c| |\//i)
    if (Math.abs(Number(latitude)) > 90 || Math.abs(Number(longitude)) > 180) continue
    if (!isLonely(view.text, start, end)) continue
    const isNamed = hasContext({ view, start, end }, words, 40, 16) || view.text.charAt(start - 1) === '@'
    if (!isNamed && !isPrecise(latitude, longitude)) continue
    const canonical = `${Number(latitude)},${Number(longitude)}`
    return { start, end, score: isNamed ? 0.95 : 0.6, isValidated: false, canonical }
  }
  return null
}

/** Not one of a list of numbers. Maps write the height behind it: `@52.5,13.4,17z`. */
function isLonely(text: string, start: number, end: number): boolean {
  if (!isWhole(text, start, end) || (/[.%]/.test(text.charAt(end)) && isDigitCode(text.charCodeAt(end + 1))))
    return false
  if (/\d[,;]? ?$/.test(text.slice(Math.max(0, start - 3), start)) || text.charAt(start - 1) === '.') return false
  return !/^ ?[,;] ?[-+]?\d/.test(text.slice(end, end + 5)) || text.charAt(start - 1) === '@'
}

function isPrecise(latitude: string, longitude: string): boolean {
  const [left, right] = [latitude, longitude].map((number) => number.split('.')[1]?.length ?? 0)
  const isSmall = Math.abs(Number(latitude)) < 2 && Math.abs(Number(longitude)) < 2
  return !isSmall && left !== undefined && right !== undefined && left >= 4 && right >= 4 && Math.abs(left - right) <= 2
}

/** `"lat": 52.52`, `longitude=13.405`: each number by itself, so that what stands between them stays. */
function matchNamed({ view, start: at, end: behind }: Place): Found | null {
  const { text, lower } = view
  if (at > 0 && /[a-z]/i.test(text.charAt(at - 1)) && !/[a-z][A-Z]/.test(text.slice(at - 1, at + 1))) return null
  const match =
    /^(?:itude|gitude|gitud|itud|itudine|gitudine)?["']?\s{0,3}(?::|=|=>|%3d|\s)\s{0,3}["']?([-+]?\d{1,3}\.\d{2,12})/.exec(
      lower.slice(behind, behind + 40),
    )
  if (match === null) return null
  const number = match[1] ?? ''
  const start = behind + match[0].length - number.length
  const end = start + number.length
  if (Math.abs(Number(number)) > 180 || (end < text.length && isWordCode(text.charCodeAt(end)))) return null
  return { start, end, score: 0.9, isValidated: false, canonical: String(Number(number)) }
}

/** `52°31'12.3"N 13°24'18"E`, `N 52° 31.2', E 13° 24.3'`, `52.52° N, 13.405° E`. */
function matchDegrees(place: Place): Found | null {
  const { text } = place.view
  if (!isDegree(text.charCodeAt(text.charCodeAt(place.end) === blank ? place.end + 1 : place.end))) return null
  const { groups } = digitGroups(place)
  const last = groups[groups.length - 1]
  if (last === undefined) return null
  let start = last.start
  if (text.charAt(start - 1) === '.' && isDigitCode(text.charCodeAt(start - 2)))
    start = groups[groups.length - 2]?.start ?? start
  if (/[-+]/.test(text.charAt(start - 1))) start--
  const prefixed = /[NSns] ?$/.exec(text.slice(Math.max(0, start - 2), start))
  if (prefixed !== null && !isWordCode(text.charCodeAt(start - prefixed[0].length - 1))) start -= prefixed[0].length
  const pattern = prefixed === null ? suffixedDegrees : prefixedDegrees
  pattern.lastIndex = start
  const written = pattern.exec(text)?.[0]
  if (written === undefined) return null
  const end = start + written.length
  if (!isWhole(text, start, end)) return null
  return { start, end, score: 0.95, isValidated: false, canonical: written.replace(/\s/g, '').toUpperCase() }
}

const blank = 32

/** ° and º. */
function isDegree(code: number): boolean {
  return code === 0xb0 || code === 0xba
}

const angle = `[-+]?\\d{1,3}(?:[.,]\\d{1,10})? ?[°º] ?(?:\\d{1,2}(?:[.,]\\d{1,8})? ?['′’] ?(?:\\d{1,2}(?:[.,]\\d{1,8})? ?(?:["″”]|''|′′) ?)?)?`
const suffixedDegrees = new RegExp(`${angle}[NSns][,;]? {0,2}${angle}[EWOewo]`, 'y')
const prefixedDegrees = new RegExp(`[NSns] ?${angle}[,;]? {0,2}[EWOewo] ?${angle}`, 'y')

/** RFC 5870. */
function matchUri({ view, start, end: behind }: Place): Found | null {
  const written = /^-?\d{1,2}(?:\.\d{1,12})?,-?\d{1,3}(?:\.\d{1,12})?/.exec(view.text.slice(behind, behind + 40))?.[0]
  if (written === undefined || (start > 0 && isWordCode(view.text.charCodeAt(start - 1)))) return null
  return { start: behind, end: behind + written.length, score: 0.95, isValidated: false, canonical: written }
}
