import { describe, expect, test } from 'bun:test'
import { rawView, recognise } from '../../../../test/env/recognise.ts'
import { createScanner } from '../detect/scan.ts'
import { identifierRecognisers } from './identifiers.ts'

const internal = identifierRecognisers({ urls: 'internal' })
const all = identifierRecognisers({ urls: 'all' })

/** What is found of one type: `text → canonical`. */
function found(type: string, text: string, recognisers = internal): readonly string[] {
  const spans = recognise(recognisers, text).filter((each) => each.type === type)
  // Two recognisers may see the same stretch.
  return spans.filter((each, index) => each.start !== spans[index - 1]?.start).map((each) => each.text)
}

function canonical(type: string, text: string): readonly string[] {
  return recognise(internal, text)
    .filter((each) => each.type === type)
    .map((each) => each.canonical)
}

type Row = readonly [type: string, text: string, values: readonly string[]]

/** A table of sentences: everything of the type, and nothing else of it. */
function reads(rows: readonly Row[]): void {
  test.each(rows)('%s in: %s', (type, text, values) => {
    expect(found(type, text)).toEqual([...values])
  })
}

describe('an address of mail is found', () => {
  reads([
    ['EMAIL', 'Write to Ann.Lee+shop@mail.example.co.uk, please.', ['Ann.Lee+shop@mail.example.co.uk']],
    ['EMAIL', 'Schreib an <müller@müller.de>!', ['müller@müller.de']],
    ['EMAIL', 'josé@ñandu.es y ana@correo.es', ['josé@ñandu.es', 'ana@correo.es']],
    ['EMAIL', 'mail=ann@example.org&x=1', ['ann@example.org']],
    ['EMAIL', "to:'ann@example.org'", ['ann@example.org']],
    ['EMAIL', 'ann@example.org:correct-horse', ['ann@example.org']],
    ['EMAIL', '"ann lee"@example.org', ['"ann lee"@example.org']],
    ['EMAIL', 'root@nas.lan sent a report', ['root@nas.lan']],
    ['EMAIL', 'ann [at] example [dot] org', ['ann [at] example [dot] org']],
    ['EMAIL', 'ann(at)example.org', ['ann(at)example.org']],
    ['EMAIL', 'ann at example dot org', ['ann at example dot org']],
    ['EMAIL', 'see anna.mueller@firma.de.pdf', ['anna.mueller@firma.de']],
    ['EMAIL', 'backup-ann@example.org.tar.gz', ['backup-ann@example.org']],
    ['EMAIL', 'Write to ann@example.org.Thank you', ['ann@example.org']],
    ['EMAIL', 'ann [dot] lee [at] mail [dot] example [dot] org', ['ann [dot] lee [at] mail [dot] example [dot] org']],
    ['EMAIL', 'ann (dot) lee [at] example (dot) co (dot) uk', ['ann (dot) lee [at] example (dot) co (dot) uk']],
    ['EMAIL', 'ann dot lee at example dot org', ['ann dot lee at example dot org']],
    ['EMAIL', 'a@b.c, x@y, @types/node, lodash@4.17.21, foo@bar.ts, app@next', []],
    ['EMAIL', 'git clone git@github.com:owner/name.git', []],
    ['EMAIL', 'we meet at noon. Dot the i at once', []],
    ['EMAIL', '@Component({}) class A { @Input() x }', []],
  ])

  test('the canonical form is in lower case and spelled out', () => {
    expect(canonical('EMAIL', 'Ann.Lee@Example.ORG or ann.lee [at] example [dot] org')).toEqual([
      'ann.lee@example.org',
      'ann.lee@example.org',
    ])
  })
})

describe('who logs in where is a user and a host, and no address of mail', () => {
  reads([
    ['USERNAME', 'ssh -p 22 alice@nas', ['alice']],
    ['HOST', 'ssh -p 22 alice@nas', ['nas']],
    ['HOST', 'scp notes.txt alice@build.acme.io:/srv', ['build.acme.io']],
    ['EMAIL', 'scp notes.txt alice@build.acme.io:/srv', []],
    ['HOST', 'git@github.com:owner/name.git', []],
    ['USERNAME', 'ssh root@localhost', []],
  ])
})

describe('a telephone number is found', () => {
  reads([
    ['PHONE', 'Call +49 30 901820 or +1 (415) 555-2671.', ['+49 30 901820', '+1 (415) 555-2671']],
    ['PHONE', 'tel:+33123456789', ['+33123456789']],
    ['PHONE', 'Rufen Sie 030 901820 an', ['030 901820']],
    ['PHONE', 'Handy: 0171/1234567', ['0171/1234567']],
    ['PHONE', 'Mon portable : 06 12 34 56 78', ['06 12 34 56 78']],
    ['PHONE', 'Llámame al móvil 612 345 678', ['612 345 678']],
    ['PHONE', 'Il mio cellulare è 333 1234567', ['333 1234567']],
    ['PHONE', 'her mobile is 07700 900123', ['07700 900123']],
    ['PHONE', 'Tel. 044 668 18 00', ['044 668 18 00']],
    ['PHONE', '(415) 555-2671', ['(415) 555-2671']],
    ['PHONE', '0049 30 901820', ['0049 30 901820']],
    ['PHONE', 'names;+4930901820,+4930901821;', ['+4930901820', '+4930901821']],
    ['PHONE', '2026-11-21 08:47:42, 21.11.2026, 11/21/2026, 14:30', []],
    ['PHONE', 'version 1.22.333.4444 at 10.0.0.5:8080, 12 345 678 bytes, 1.234.567,89 EUR', []],
    ['PHONE', '550e8400-e29b-41d4-a716-446655440000', []],
    ['PHONE', 'a3f5b2c1d4e6f7a8 1763713662123 4111111111111111', []],
    ['PHONE', 'src/main.ts:120:14 and lines 100-200, 1999-2004', []],
    ['PHONE', 'total 612 345 678 rows', []],
  ])

  test('ways of writing one number are one number', () => {
    expect(new Set(canonical('PHONE', 'Tel. 030 901820, +49 30 90 18 20, 0049 (30) 901820'))).toEqual(
      new Set(['+4930901820']),
    )
    expect(canonical('PHONE', 'móvil 612 345 678')).toEqual(['+34612345678'])
  })
})

describe('a card or an account is found', () => {
  reads([
    ['CARD', 'card 4111 1111 1111 1111, then 5555555555554444', ['4111 1111 1111 1111', '5555555555554444']],
    ['CARD', 'Kreditkarte 3782-822463-10005 (Amex)', ['3782-822463-10005']],
    ['CARD', 'row;4111111111111111;12/27;123', ['4111111111111111']],
    ['CARD', '1,2,4111111111111111,3782822463,5555555555554444', ['4111111111111111', '5555555555554444']],
    ['CARD', '4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1', ['4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1']],
    ['CARD', '4111 1111 1111 1112 and 1234567812345670 and 1763713662123456', []],
    ['IBAN', 'IBAN: DE89 3704 0044 0532 0130 00.', ['DE89 3704 0044 0532 0130 00']],
    ['IBAN', 'mon compte fr1420041010050500013m02606', ['fr1420041010050500013m02606']],
    ['IBAN', 'DE 89 3704 0044 0532 0130 00, please', ['DE 89 3704 0044 0532 0130 00']],
    ['IBAN', 'an D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0.', ['D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0']],
    ['IBAN', 'IBAN GB 82 WEST 1234 5698 7654 32', ['GB 82 WEST 1234 5698 7654 32']],
    ['IBAN', 'iban: G B82 WEST 1234 5698 7654 32', ['G B82 WEST 1234 5698 7654 32']],
    ['IBAN', 'IBANGB82WEST12345698765432', ['GB82WEST12345698765432']],
    ['IBAN', 'DE88 3704 0044 0532 0130 00 XX82WEST12345698765432', []],
    ['BIC', 'BIC COBADEFFXXX', ['COBADEFFXXX']],
    ['BIC', 'SWIFT/BIC: DEUTDEFF', ['DEUTDEFF']],
    ['BIC', 'the arabic ALPHABET of SWIFT programs', []],
    ['BIC', 'DEUTDEFF alone', []],
    ['ACCOUNT', 'routing number 021000021', ['021000021']],
    ['ACCOUNT', 'routing number 021000022', []],
    ['ACCOUNT', 'sort code 20-00-00', ['20-00-00']],
    ['ACCOUNT', 'Kontonummer: 532013000', ['532013000']],
    ['ACCOUNT', 'numéro de compte 30006 00001 12345678901 89', ['30006 00001 12345678901 89']],
    ['ACCOUNT', 'cuenta 2100 0418 45 0200051332', ['2100 0418 45 0200051332']],
    ['ACCOUNT', 'the accounts of 2026 hold 12345678 rows', []],
    ['WALLET', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa', ['1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa']],
    ['WALLET', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb', []],
    ['WALLET', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', ['bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4']],
    ['WALLET', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5', []],
    ['WALLET', '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed', ['0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed']],
    ['WALLET', '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed', []],
    ['WALLET', '0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed', []],
    ['WALLET', 'ETH wallet 0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed', ['0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed']],
  ])

  test('a whole Monero address proves itself', () => {
    const address = '44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A'
    const [match] = recognise(internal, address).filter((each) => each.type === 'WALLET')
    expect(match).toMatchObject({ text: address, isValidated: true })
    expect(found('WALLET', `${address.slice(0, -1)}B`)).toEqual([])
  })
})

describe('an address of a machine is found', () => {
  reads([
    ['IP', 'from 192.168.1.20:8080 to 8.8.4.4', ['192.168.1.20', '8.8.4.4']],
    ['IP', '93.184.216.34,10.1.2.3', ['93.184.216.34', '10.1.2.3']],
    [
      'IP',
      'fe80::1c2d:3fff:fe4a:5b6c%eth0 2a00:1450:4001:081b:0:0:0:200e',
      ['fe80::1c2d:3fff:fe4a:5b6c', '2a00:1450:4001:081b:0:0:0:200e'],
    ],
    ['IP', '[2a00:1450:4001:81b::200e]:443', ['2a00:1450:4001:81b::200e']],
    ['IP', '127.0.0.1 0.0.0.0 ::1 192.0.2.7 2001:db8::1 255.255.255.0 10.0.0.0/8', []],
    ['IP', 'version 10.15.7.2, v1.2.3.4, Chrome/120.0.6099.109, 1.3.6.1.4.1.311, 1.2.3.4', []],
    ['IP', 'std::vector a::b Face::add 12:30:45 2024:12:31 aa:bb', []],
    [
      'MAC',
      '3c:22:fb:01:02:03 3C-22-FB-01-02-0A 3c22.fb01.0204',
      ['3c:22:fb:01:02:03', '3C-22-FB-01-02-0A', '3c22.fb01.0204'],
    ],
    ['MAC', 'MAC 3C22FB010203', ['3C22FB010203']],
    ['MAC', '00:00:00:00:00:00 ff:ff:ff:ff:ff:ff 33:33:00:00:00:01', []],
    ['MAC', 'SHA256 3c:22:fb:01:02:03:04:05:06:07 and 3C22FB010203', []],
    [
      'HOST',
      'it is db.prod.internal that counts, ping printer.local, nas.lan',
      ['db.prod.internal', 'printer.local', 'nas.lan'],
    ],
    ['HOST', 'nas.brenner.internal and srv.brenner.local', ['nas.brenner.internal', 'srv.brenner.local']],
    ['HOST', 'see gogo-17.corp.pdf, gogo-17.local.pdf, nas.lan.log', ['gogo-17.corp', 'gogo-17.local', 'nas.lan']],
    ['HOST', 'photos at gogo.local/photos, gogo.internal:8080', ['gogo.local', 'gogo.internal']],
    ['HOST', 'from google.protobuf.internal import x', []],
    ['HOST', 'use acme.net.internal;', []],
    ['HOST', 'const x = acme.net.internal; if (acme.net.internal === 1) a.b.local', []],
    ['HOST', 'chrome.storage.local, com.acme.app.internal, a.util.internal, settings-2.local.json', []],
    ['HOST', "import x from 'gogo.internal/x'", []],
    ['HOST', 'host db.prod.internal:5432', ['db.prod.internal']],
    ['HOST', 'config.local.ts settings.local os.home options.internal this.local()', []],
    ['HOST', 'box.tail1234.ts.net', ['box.tail1234.ts.net']],
    ['HOST', '\\\\fileserver\\public', ['fileserver']],
    ['HOST', "new RegExp('\\\\d+\\\\s') and '\\\\w\\\\b'", []],
  ])

  test('the canonical form of an address is the shortest', () => {
    expect(canonical('IP', '2a00:1450:4001:081b:0:0:0:200e FE80:0:0:0:1:0:0:2')).toEqual([
      '2a00:1450:4001:81b::200e',
      'fe80::1:0:0:2',
    ])
  })
})

describe('a URL is found', () => {
  const ours = ['http://nas.lan:5000/a?b=1', 'http://10.0.0.4/admin', 'http://printer/', 'https://[fd12::1]:8443/x']
  test.each(ours)('%s belongs to the house', (url) => {
    expect(found('URL', `see (${url}), please.`)).toEqual([url])
  })

  const secret = [
    'https://ann:pass@db.acme.io/x',
    'https://b.s3.amazonaws.com/k?X-Amz-Signature=0123456789abcdef0123456789abcdef',
    'https://acme.io/reset?token=AbCdEfGhIjKlMnOpQrSt',
  ]
  test.each(secret)('%s has a secret in it', (url) => {
    expect(found('URL', `see ${url}.`)).toEqual([url])
  })

  const named = [
    's3://bucket/key',
    'https://api.{region}.acme.io/',
    'https://github.com/a/b/commits?author=brandon-leapyear-x',
  ]
  test.each(named)('%s is no address of the house', (url) => {
    expect(found('URL', `see ${url} there`)).toEqual([])
  })

  const publics = [
    'https://bun.sh/docs/api?x=1',
    'http://localhost:3000/',
    'http://127.0.0.1:11434',
    'https://example.com/a',
  ]
  test.each(publics)('%s is left alone unless every URL is asked for', (url) => {
    expect(found('URL', `see ${url} there`)).toEqual([])
  })

  test('every one is found where that is asked for', () => {
    const text = 'see https://bun.sh/docs/api?x=1, (https://en.wikipedia.org/wiki/A_(b)).'
    expect(found('URL', text, all)).toEqual(['https://bun.sh/docs/api?x=1', 'https://en.wikipedia.org/wiki/A_(b)'])
  })
})

describe('a place on the earth is found', () => {
  reads([
    ['COORDINATES', 'GPS: 52.520, 13.405', ['52.520, 13.405']],
    ['COORDINATES', 'we met there 52.52001, 13.40495 yesterday', ['52.52001, 13.40495']],
    ['COORDINATES', '{"lat": -33.8688, "lng": 151.2093}', ['-33.8688', '151.2093']],
    ['COORDINATES', `52°31'12.3"N 13°24'18"E`, [`52°31'12.3"N 13°24'18"E`]],
    ['COORDINATES', 'N 52° 31.2′, E 13° 24.3′', ['N 52° 31.2′, E 13° 24.3′']],
    ['COORDINATES', 'geo:52.5200,13.4050;u=35', ['52.5200,13.4050']],
    ['COORDINATES', 'https://www.google.com/maps/@52.5200,13.4050,17z', ['52.5200,13.4050']],
    ['COORDINATES', '[0.1234, 0.5678], 12.5, 13.5; 1.23456, 2.34567, 3.45678', []],
    ['COORDINATES', 'latency 12.5 ms, it is 21° C, platform: 1.25', []],
  ])
})

describe('a date of birth is found', () => {
  const dates: readonly (readonly [text: string, value: string, day: string])[] = [
    ['She was born on 12 March 1980 in Leeds', '12 March 1980', '1980-03-12'],
    ['DOB: 03/25/1980', '03/25/1980', '1980-03-25'],
    ['"date_of_birth": "1980-03-12"', '1980-03-12', '1980-03-12'],
    ['born March 3rd, 1975', 'March 3rd, 1975', '1975-03-03'],
    ['geboren am 12.03.1980 in Köln', '12.03.1980', '1980-03-12'],
    ['Geburtsdatum: 3. März 1975', '3. März 1975', '1975-03-03'],
    ['geb. 1.2.75', '1.2.75', '1975-02-01'],
    ['née le 3 mars 1975 à Lyon', '3 mars 1975', '1975-03-03'],
    ['Date de naissance : 03/04/1975', '03/04/1975', '1975-04-03'],
    ['nacido el 12 de marzo de 1980', '12 de marzo de 1980', '1980-03-12'],
    ['Fecha de nacimiento: 12/03/1980', '12/03/1980', '1980-03-12'],
    ['nato il 12 marzo 1980 a Roma', '12 marzo 1980', '1980-03-12'],
    ['Data di nascita: 12-03-1980', '12-03-1980', '1980-03-12'],
    ['Geboortedatum: 12 maart 1980', '12 maart 1980', '1980-03-12'],
    ['data de nascimento 12/03/1980', '12/03/1980', '1980-03-12'],
    ['Data urodzenia: 12.03.1980', '12.03.1980', '1980-03-12'],
    ['né : 12/03/1980', '12/03/1980', '1980-03-12'],
    ['Née : 12 mars 1980', '12 mars 1980', '1980-03-12'],
    ['född 1980-03-12', '1980-03-12', '1980-03-12'],
    ['生年月日：1980年3月12日', '1980年3月12日', '1980-03-12'],
    ['am 12.03.1980 geboren', '12.03.1980', '1980-03-12'],
  ]
  test.each(dates)('%s', (text, value, day) => {
    expect(found('BIRTHDATE', text)).toEqual([value])
    expect(canonical('BIRTHDATE', text)).toEqual([day])
  })

  reads([
    ['BIRTHDATE', 'released on 12 March 1980, changed 2026-11-21', []],
    ['BIRTHDATE', 'je ne le sais pas, 3 mars 1975', []],
    ['BIRTHDATE', 'reborn 12 March 1980 is a film, stubborn 1980-03-12', []],
    ['BIRTHDATE', 'born 31.02.1980', []],
  ])
})

describe('a vehicle or a device is found', () => {
  reads([
    ['VEHICLE', 'VIN 1HGCM82633A004352', ['1HGCM82633A004352']],
    ['VEHICLE', 'das Auto 1HGCM82633A004352 steht da', ['1HGCM82633A004352']],
    ['VEHICLE', 'Fahrgestellnummer WVWZZZ1JZXW000001', ['WVWZZZ1JZXW000001']],
    ['VEHICLE', 'Kennzeichen: B-MW 1234', ['B-MW 1234']],
    ['VEHICLE', 'licence plate AB12 CDE', ['AB12 CDE']],
    ['VEHICLE', 'plaque d’immatriculation AB-123-CD', ['AB-123-CD']],
    ['VEHICLE', 'sha A1B2C3D4E5F6G7H8J and B-MW 1234', []],
    ['DEVICE', 'IMEI 490154203237518', ['490154203237518']],
    ['DEVICE', 'IMEI 490154203237519', []],
    ['DEVICE', '49-015420-323751-8', ['49-015420-323751-8']],
    ['DEVICE', 'device id: 123e4567-e89b-42d3-a456-426614174000', ['123e4567-e89b-42d3-a456-426614174000']],
    ['DEVICE', '"deviceId": "123e4567-e89b-42d3-a456-426614174000"', ['123e4567-e89b-42d3-a456-426614174000']],
    ['DEVICE', 'request 123e4567-e89b-42d3-a456-426614174000', []],
    ['DEVICE', 'Serial number: C02XG0FDH7JY', ['C02XG0FDH7JY']],
    ['DEVICE', 'Seriennummer 5CD1234XYZ', ['5CD1234XYZ']],
    ['DEVICE', 'Numéro de série : 5CD1234XYZ', ['5CD1234XYZ']],
    ['DEVICE', 'numero de serie 5CD1234XYZ', ['5CD1234XYZ']],
    ['DEVICE', 'a serial port, serialized 2026-11-21', []],
  ])
})

describe('a name in a path is found', () => {
  reads([
    ['USERNAME', 'open /home/ada/notes.txt', ['ada']],
    ['USERNAME', 'C:\\Users\\alice\\Desktop and "C:\\\\Users\\\\bob\\\\x"', ['alice', 'bob']],
    ['USERNAME', 'file:///Users/carol/Library, /mnt/c/Users/Dave/x', ['carol', 'Dave']],
    ['USERNAME', 'cd /home/user && ls /Users/Shared /Users/runner/x C:\\Users\\Public', []],
    ['USERNAME', 'GET /api/users/alice and /users/bob, /pages/home/index', []],
    ['USERNAME', '/home/${name}/x /home/<you>/x', []],
  ])
})

test('what is no identifier is left alone', () => {
  const text = [
    'commit 3f2a9c8e7b6d5a4f3e2d1c0b9a8f7e6d5c4b3a29',
    'Date:   Sat Nov 21 08:47:42 2026 +0000',
    'diff --git a/src/main.ts b/src/main.ts',
    'index 83db48f..bf2a3e1 100644',
    '@@ -120,14 +120,15 @@ export function main(): void {',
    '2026-11-21T08:47:42.123Z INFO [worker-3] took 12.5ms (p99=120.25) rows=1,234,567 id=8f14e45fceea167a',
    'sku;price;count\nA-1001;12.50;100\nA-1002;1.250,00;34\nB-77;1999.99;7',
    'npm i lodash@4.17.21 @types/node@20.11.30 --save-exact',
    'const x = [0.1, 0.22, 0.333, 0.4444]; const y = 0xdeadbeef; const z = 1e-9',
    'sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==',
    'UUID 550e8400-e29b-41d4-a716-446655440000, ISBN 978-3-16-148410-0, EAN 4006381333931',
  ].join('\n')
  expect(recognise(internal, text)).toEqual([])
})

test('whatever a text holds, what is found lies in it, and the same is found again', () => {
  const seed = 20261121
  const pieces = [
    '@',
    '.',
    ' ',
    '-',
    '/',
    ':',
    '://',
    '+49 ',
    '\n',
    'a',
    'Z',
    '0',
    '7',
    '1980',
    '12.03.',
    'born ',
    'IBAN DE89 ',
  ].concat([
    '4111 ',
    'é',
    '😀',
    '°',
    '"',
    '\\',
    '\\\\',
    '/home/',
    '.lan',
    'bc1',
    '0x',
    'tel ',
    'http',
    '::',
    'fe80:',
    'née le ',
    '身份证',
  ])
  let state = seed
  const next = (below: number) => {
    state = (state * 1103515245 + 12345) % 2147483648
    return Math.floor(state / 65536) % below
  }
  const scanner = createScanner(internal)
  for (let round = 0; round < 3000; round++) {
    const text = Array.from({ length: 1 + next(40) }, () => pieces[next(pieces.length)]).join('')
    const hits = scanner.scan(rawView(text))
    // The scanner refuses what lies outside of the text.
    for (const hit of hits) expect(hit.canonical, `seed ${seed}: ${JSON.stringify(text)}`).not.toBe('')
    expect(scanner.scan(rawView(text)), `seed ${seed}: ${JSON.stringify(text)}`).toEqual(hits)
  }
})

test('the list is sorted and every id is there once', () => {
  const ids = internal.map((each) => each.id)
  expect(ids).toEqual([...new Set(ids)].toSorted())
})
