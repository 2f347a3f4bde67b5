import { entityTypes, type EntityType } from '../words.ts'

/** What clients of Presidio call a value: by who found it, then by its type. What it has no word for keeps ours. */
export function presidioName(recogniser: string, type: EntityType): string {
  return byRecogniser[recogniser] ?? byType[type] ?? type
}

const byType: Readonly<Partial<Record<EntityType, string>>> = {
  EMAIL: 'EMAIL_ADDRESS',
  PHONE: 'PHONE_NUMBER',
  CARD: 'CREDIT_CARD',
  IBAN: 'IBAN_CODE',
  IP: 'IP_ADDRESS',
  MAC: 'MAC_ADDRESS',
  WALLET: 'CRYPTO',
  ADDRESS: 'LOCATION',
  COORDINATES: 'LOCATION',
  BIRTHDATE: 'DATE_TIME',
  NATIONAL_ID: 'ID',
  TAX_ID: 'ID',
  HEALTH_ID: 'ID',
}

const byRecogniser: Readonly<Record<string, string>> = {
  'account.us.routing': 'ABA_ROUTING_NUMBER',
  'id.us.ssn': 'US_SSN',
  'id.us.itin': 'US_ITIN',
  'id.us.npi': 'US_NPI',
  'id.us.mbi': 'US_MBI',
  'id.ca.sin': 'CA_SIN',
  'id.gb.nhs': 'UK_NHS',
  'id.gb.nino': 'UK_NINO',
  'id.de.tax': 'DE_TAX_ID',
  'id.de.tax-number': 'DE_TAX_NUMBER',
  'id.de.vat': 'DE_VAT_ID',
  'id.de.card': 'DE_ID_CARD',
  'id.de.health': 'DE_HEALTH_INSURANCE',
  'id.de.pension': 'DE_SOCIAL_SECURITY',
  'id.es.dni': 'ES_NIF',
  'id.es.dni.lower': 'ES_NIF',
  'id.es.nie': 'ES_NIE',
  'id.it.fiscal-code': 'IT_FISCAL_CODE',
  'id.it.vat': 'IT_VAT_CODE',
  'id.pl.pesel': 'PL_PESEL',
  'id.se.personal': 'SE_PERSONNUMMER',
  'id.fi.personal': 'FI_PERSONAL_IDENTITY_CODE',
  'id.tr.identity': 'TR_NATIONAL_ID',
  'id.za.identity': 'ZA_ID_NUMBER',
  'id.au.abn': 'AU_ABN',
  'id.au.tfn': 'AU_TFN',
  'id.au.medicare': 'AU_MEDICARE',
  'id.in.aadhaar': 'IN_AADHAAR',
  'id.in.pan': 'IN_PAN',
  'id.kr.rrn': 'KR_RRN',
  'id.kr.rrn.unchecked': 'KR_RRN',
  'id.sg.nric': 'SG_NRIC_FIN',
  'id.th.card': 'TH_TNIN',
}

/** Whom Presidio has a word of its own for. */
export const namedRecognisers: readonly string[] = Object.keys(byRecogniser)

/**
 * The names that a client sees when it asks for some: of Presidio, of ours, or of `more`. null: none of them means
 * anything here.
 */
export function wantedNames(asked: readonly string[], more: ReadonlySet<string>): ReadonlySet<string> | null {
  const isKnown = asked.some((name) => more.has(name) || entityTypes.some((type) => means(name, type)))
  if (!isKnown) return null
  const shown = asked.flatMap((name) => {
    const own = entityTypes.find((type) => type === name)
    // Our own word stands for all that its type is called.
    return own === undefined ? [name] : [name, byType[own] ?? name, ...idsOf(own)]
  })
  return new Set(shown)
}

const means = (name: string, type: EntityType): boolean =>
  name === type || byType[type] === name || idsOf(type).includes(name)

/** Numbers of states and their offices have types that their recognisers tell; any of them may be meant. */
function idsOf(type: EntityType): readonly string[] {
  if (type === 'ACCOUNT') return ['ABA_ROUTING_NUMBER', 'US_BANK_NUMBER']
  return type === 'NATIONAL_ID' || type === 'TAX_ID' || type === 'HEALTH_ID' ? idNames : []
}

const idNames = [...new Set(Object.entries(byRecogniser).flatMap(([id, name]) => (id.startsWith('id.') ? [name] : [])))]

/** For `/supportedentities`: what can be found at all. */
export function supportedNames(
  recognisers: readonly { readonly id: string; readonly type: EntityType }[],
): readonly string[] {
  const always = ['PERSON', 'LOCATION', 'ORGANIZATION']
  return [...new Set([...always, ...recognisers.map(({ id, type }) => presidioName(id, type))])].sort()
}
