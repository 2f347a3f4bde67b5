/**
 * Letters that are mistaken for Latin ones, for what is left after compatibility normalisation: each pair is a letter
 * and how it is read. Own choice: only what looks the same in usual fonts, so that names in their own script stay
 * legible to whoever debugs; a wholly Cyrillic or Greek word folds as well, and so does a known value that it is
 * compared with.
 */
const pairs = [
  // Cyrillic, small.
  'аa еe оo рp сc уy хx ѕs іi јj ԁd ԛq ԝw һh ӏl гr пn кk мm тt вb нh ьb',
  'ѵv ѡw ѻo ҽe ҿe ӕæ әə ԍg ցg ԏt ҝk ҡk ӄk қk ңh ҥh ҫc ҭt үy ұy ҳx ҷч һh ӊh өo',
  // Cyrillic, capital.
  'АA ВB ЕE ЅS ІI ЈJ КK МM НH ОO РP СC ТT УY ХX ҮY ԌG ԚQ ԜW ҺH ӀI ѴV ѠW ҚK ҢH ҪC ҬT ҰY ҲX ӉH ӨO ԀD',
  // Greek, small.
  'αa βb γy εe ηn ιi κk νv οo ρp ςσ τt υu χx ωw ϲc ϳj ϱp ϵe ͻɔ ϝf',
  // Greek, capital.
  'ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ϹC ͿJ ϜF',
  // Armenian.
  'օo սu հh ոn ցg զq ԱU ՍU ՕO ՏS հh ղn յj',
  // Cherokee and Lisu capitals.
  'ᎪA ᏴB ᏟC ᎠD ᎬE ᏀG ᎻH ᎥI ᎫJ ᏦK ᏞL ᎷM ᏢP ᎡR ᏚS ᎢT ᏙV ᎳW ᏃZ',
  'ꓮA ꓐB ꓚC ꓓD ꓰE ꓝF ꓖG ꓧH ꓲI ꓙJ ꓗK ꓡL ꓟM ꓠN ꓳO ꓑP ꓣR ꓢS ꓔT ꓴU ꓦV ꓪW ꓫX ꓬY ꓜZ',
  // Latin letters of other alphabets and of phonetics.
  "ɑa ɡg ɩi ıi ȷj ɪi ʟl ɴn ʀr ʏy ʙb ɢg ʜh ᴀa ᴄc ᴅd ᴇe ᴊj ᴋk ᴍm ᴏo ᴘp ᴛt ᴜu ᴠv ᴡw ᴢz ꜱs ꜰf ƅb ƚl ɗd ɓb ƙk ɱm ŧt ƽs ɋq ꞌ'",
  // Punctuation that compatibility normalisation leaves.
  '∶: ⁄/ ∕/ ⧸/ 。. ꓸ. ٫. ·. ∙. ‧. ∗* ˗- ⁃- −- ➖- ٪% ∖\\ ǀ| ∣|',
  "‘' ’' ‚' ‛' ′' ‵' ʹ' ʼ' ʻ' ˈ' “\" ”\" „\" ‟\" ″\" «\" »\" ‹' ›' ❛' ❜' ❝\" ❞\"",
]

/** Runs of twenty-six letters or of digits that have no compatibility form: what stands first, and how it is read. */
const runs: readonly (readonly [first: number, length: number, as: string])[] = [
  [0x1f150, 26, 'A'],
  [0x1f170, 26, 'A'],
  [0x1f1e6, 26, 'A'],
  [0x2776, 9, '1'],
  [0x2780, 9, '1'],
  [0x278a, 9, '1'],
  [0x24f5, 9, '1'],
]

const table: ReadonlyMap<string, string> = new Map([
  ...pairs
    .join(' ')
    .split(' ')
    .map((pair) => pairOf([...pair])),
  ...runs.flatMap(([first, length, as]) =>
    Array.from({ length }, (_, index) =>
      pairOf([String.fromCodePoint(first + index), String.fromCharCode(as.charCodeAt(0) + index)]),
    ),
  ),
])

function pairOf([letter = '', reading = '']: readonly string[]): readonly [string, string] {
  return [letter, reading]
}

/** How a character is read by people who do not look twice; itself where it is like no other. */
export function readingOf(character: string): string {
  return table.get(character) ?? character
}
