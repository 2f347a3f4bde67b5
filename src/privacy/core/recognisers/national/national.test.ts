import { describe, expect, test } from 'bun:test'
import { recognise } from '../../../../../test/env/recognise.ts'
import { nationalRecognisers } from './national.ts'

/** Numbers that states and their printed examples use, with a sentence of the country's language. */
const vectors: readonly (readonly [id: string, number: string, before: string])[] = [
  ['id.us.ssn', '536-90-4399', 'His SSN: '],
  ['id.us.ssn', '536904399', 'social security number '],
  ['id.us.itin', '912-78-1234', 'ITIN '],
  ['id.us.npi', '1234567893', 'NPI '],
  ['id.us.mbi', '1EG4-TE5-MK73', 'Medicare card '],
  ['id.gb.nhs', '943 476 5919', 'NHS number '],
  ['id.gb.nhs', '9434765919', 'NHS number '],
  ['id.gb.nino', 'AB123456C', 'National Insurance '],
  ['id.gb.nino', 'AB 12 34 56 C', 'NI number '],
  ['id.de.tax', '86095742719', 'Steuer-ID: '],
  ['id.de.tax', '86 095 742 719', 'Meine Steueridentifikationsnummer ist '],
  ['id.de.pension', '65170839J003', 'Rentenversicherungsnummer '],
  ['id.de.pension', '65 170839 J 003', 'RVNR '],
  ['id.de.health', 'A123456780', 'Krankenversichertennummer '],
  ['id.de.card', 'T220001293', 'Personalausweis Nr. '],
  ['id.de.vat', 'DE136695976', 'USt-IdNr. '],
  ['id.fr.nir', '255081416802538', 'Numéro de sécurité sociale : '],
  ['id.fr.nir', '2 55 08 14 168 025 38', 'NIR '],
  ['id.es.dni', '12345678Z', 'DNI '],
  ['id.es.nie', 'X1234567L', 'NIE '],
  ['id.es.nie', 'X-1234567-L', 'NIE '],
  ['id.it.fiscal-code', 'RSSMRA85T10A562S', 'Codice fiscale '],
  ['id.nl.bsn', '111222333', 'BSN '],
  ['id.be.register', '85.07.30-033.28', 'Rijksregisternummer '],
  ['id.be.register', '85073003328', 'numéro national '],
  ['id.pl.pesel', '44051401359', 'PESEL '],
  ['id.pl.nip', '123-456-32-18', 'NIP '],
  ['id.se.personal', '811218-9876', 'Personnummer '],
  ['id.se.personal', '198112189876', 'Personnummer '],
  ['id.no.birth', '29029600013', 'Fødselsnummer '],
  ['id.dk.cpr', '211062-5629', 'CPR-nr. '],
  ['id.fi.personal', '131052-308T', 'Henkilötunnus '],
  ['id.ca.sin', '130-692-544', 'SIN '],
  ['id.au.tfn', '123 456 782', 'TFN '],
  ['id.au.abn', '51 824 753 556', 'ABN '],
  ['id.au.medicare', '2123 45670 1', 'Medicare '],
  ['id.nz.ird', '49-091-850', 'IRD number '],
  ['id.in.aadhaar', '2341 2341 2346', 'Aadhaar '],
  ['id.in.pan', 'ABCPE1234F', 'PAN '],
  ['id.br.cpf', '111.444.777-35', 'CPF '],
  ['id.br.cpf', '39053344705', 'CPF '],
  ['id.br.cnpj', '11.222.333/0001-81', 'CNPJ '],
  ['id.mx.curp', 'BOXW310820HNERXN09', 'CURP '],
  ['id.cl.rut', '12.345.678-5', 'RUT '],
  ['id.cl.rut.plain', '12345678-5', 'RUT '],
  ['id.ar.cuit', '20-05536168-2', 'CUIT '],
  ['id.kr.rrn', '971013-9019902', '주민등록번호 '],
  ['id.cn.resident', '11010519491231002X', '身份证号码是'],
  ['id.tw.card', 'A123456789', '身分證字號 '],
  ['id.sg.nric', 'S1234567D', 'NRIC '],
  ['id.hk.card', 'A123456(3)', 'HKID '],
  ['id.za.identity', '8001015009087', 'ID number '],
  ['id.tr.identity', '10000000146', 'TC Kimlik No '],
  ['id.il.identity', '123456782', 'Teudat Zehut '],
  ['id.pt.nif', '501964843', 'NIF '],
  ['id.ch.ahv', '756.9217.0769.85', 'AHV-Nummer '],
  ['id.at.svnr', '1237 010180', 'SVNR '],
  ['id.ie.pps', '1234567FA', 'PPS number '],
  ['id.ie.pps', '6433435F', 'PPSN '],
  ['id.cz.birth', '710319/2745', 'Rodné číslo '],
  ['id.ro.cnp', '1630615123457', 'CNP '],
  ['id.bg.egn', '7523169263', 'ЕГН '],
  ['id.gr.afm', '094259216', 'ΑΦΜ '],
  ['id.hr.oib', '33392005961', 'OIB '],
  ['id.ee.personal', '37605030299', 'Isikukood '],
  ['id.jp.my-number', '123456789018', 'マイナンバー '],
  ['id.th.card', '1-2345-67890-12-1', 'Thai ID '],
  ['id.document', 'X1234567', 'Passport No. '],
]

describe('a number of a state', () => {
  test.each(vectors)('%s reads %s', (id, number, before) => {
    const text = `${before}${number}, 2026.`
    const found = recognise(nationalRecognisers, text).filter((each) => each.id === id)
    expect(found.map((each) => each.text)).toEqual([number])
  })
})

/** Their shape alone tells them, or the last character is no check digit. */
const unchecked = new Set([
  'id.us.ssn',
  'id.us.itin',
  'id.us.mbi',
  'id.gb.nino',
  'id.in.pan',
  'id.document',
  'id.de.card',
])

describe('a wrong check digit is refused', () => {
  // In some numbers the check digit is not the last one: two digits swapped or one changed must be seen all the same.
  test.each(vectors.filter(([id]) => !unchecked.has(id)))(
    '%s does not read %s with another digit',
    (id, number, before) => {
      const at = [...number].findIndex((character, index) => index >= 2 && /\d/.test(character))
      const wrong = `${number.slice(0, at)}${(Number(number.charAt(at)) + 1) % 10}${number.slice(at + 1)}`
      const found = recognise(nationalRecognisers, `${before}${wrong}, 2026.`)
      expect(found.filter((each) => each.id === id && each.isValidated)).toEqual([])
    },
  )
})

describe('without a word beside it', () => {
  const weak = [
    '9434765919',
    'A123456780',
    '111222333',
    '1234567893',
    '123456782',
    '7523169263',
    '094259216',
    '12345678-5',
  ]
  test.each(weak)('%s is no number of a state', (number) => {
    expect(recognise(nationalRecognisers, `total ${number} rows`)).toEqual([])
  })
  const strong = ['86095742719', '255081416802538', '12345678Z', '85073003328', '39053344705', '8001015009087']
  test.each(strong)('%s is one', (number) => {
    expect(recognise(nationalRecognisers, `total ${number} rows`).map((each) => each.text)).toContain(number)
  })
})

describe('what is no number of a state', () => {
  const texts = [
    '2026-11-21 08:47:42.123 INFO request 17637136621234 took 12.5 ms',
    'commit 3f2a9c8e7b6d5a4f3e2d1c0b9a8f7e6d5c4b3a29',
    'id 550e8400-e29b-41d4-a716-446655440000 and 123e4567-e89b-12d3-a456-426614174000',
    'src/main.ts:120:14 - error TS2345, 1,234,567 rows in 12 345 678 ms',
    'price;amount\n12.50;100\n1250,00;34\n1999.99;7',
    'version 10.15.7.1234 build 20260102030405 (0x7fff12345678)',
    'position 12 345 678 901 12 345 678 902 12 345 678 903',
    'ports 8080-8090, 3000/tcp, 127.0.0.1:5432',
  ]
  test.each(texts)('%s', (text) => {
    expect(recognise(nationalRecognisers, text)).toEqual([])
  })
})

test('several numbers in one run of digits are all found', () => {
  const found = recognise(nationalRecognisers, '1,86095742719,12,39053344705,7')
  expect(found.map((each) => each.text)).toEqual(expect.arrayContaining(['86095742719', '39053344705']))
})

test('every recogniser has an id of its own', () => {
  const ids = nationalRecognisers.map((each) => each.id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(new Set(ids.map((id) => id.split('.')[1])).size).toBeGreaterThanOrEqual(35)
})
