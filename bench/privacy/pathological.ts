/**
 * What looking for identifiers could take the square of its length for: each is made of one thing over and over, so
 * that whatever begins at one place goes on at the next.
 */
export const pathological: Readonly<Record<string, (length: number) => string>> = {
  'one letter': repeated('a'),
  digits: repeated('7'),
  'digits in groups of four': repeated('4111 '),
  'digits in pairs with hyphens': repeated('12-34-'),
  'card numbers that fail their check': repeated('4111 1111 1111 1112 '),
  'at signs': repeated('@'),
  'letters and at signs': repeated('a@'),
  'addresses without an end': repeated('ann@a.'),
  'labels with dots': repeated('a.'),
  hyphens: repeated('-'),
  'opening brackets': repeated('['),
  'beginnings of placeholders': repeated('[PERSON_'),
  'schemes of links': repeated('http://'),
  'links with names and passwords': repeated('https://ann:'),
  colons: repeated('fe80::'),
  'percent signs': repeated('%'),
  'percent escapes of percent signs': repeated('%25'),
  'escapes of entities': repeated('&amp;'),
  backslashes: repeated('\\'),
  'escapes of letters': repeated('\\u0041'),
  'hexadecimal digits': repeated('41'),
  'hexadecimal pairs': repeated('41:'),
  'letters of base64': repeated('QUJD'),
  'beginnings of PEM': repeated('-----BEGIN RSA PRIVATE KEY-----\n'),
  'names of secrets': repeated('password '),
  'names of secrets with signs': repeated('token='),
  'prefixes of keys': repeated('sk-'),
  'tokens with dots': repeated('eyJhbGciOi.'),
  'marks over one letter': (length) => `a${'\u0301'.repeat(length - 1)}`,
  'what nobody sees': repeated('\u200b'),
  'letters of another script': repeated('а'),
  'full-width digits': repeated('７'),
  'faces of two units': repeated('🙂'),
  'halves of characters': repeated('\ud83d'),
  'line ends': repeated('\n'),
  'values broken over lines': repeated('ab12\n'),
  blanks: repeated(' '),
  'words around numbers': repeated('tel 12345 '),
  'spelled addresses': repeated('a at b dot '),
  'openings of JSON': repeated('{"a":'),
  quotes: repeated('"'),
}

function repeated(unit: string): (length: number) => string {
  return (length) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length)
}
