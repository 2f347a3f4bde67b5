import type { EntityType } from './words.ts'

/**
 * What somebody else's label means here. `null`: nothing that has to be hidden (a time, a nationality). Labels that
 * nobody knows are hidden as `TERM` where they were asked for by name, and left alone otherwise.
 */
export function typeOfLabel(label: string, asked: ReadonlySet<string>): EntityType | null {
  const name = normalLabel(label)
  if (asked.size > 0 && !asked.has(name)) return null
  const known = types.get(name)
  if (known === undefined) return asked.has(name) ? 'TERM' : null
  // Addresses of the web are the policy's to judge: most of them are nobody's.
  return known === 'URL' && !asked.has(name) ? null : known
}

/** `first name`, `first-name` and `B-FIRST_NAME` are one label. */
export function normalLabel(label: string): string {
  return label
    .trim()
    .toUpperCase()
    .replace(/^[BI]-/, '')
    .replaceAll(/[\s-]+/g, '_')
}

/** What GLiNER is asked for where nobody says anything. */
export const usualLabels: readonly string[] = ['person', 'address']

const labels: Readonly<Partial<Record<EntityType, string>>> = {
  PERSON:
    'PERSON PER NAME PERSON_NAME FULL_NAME FIRST_NAME GIVEN_NAME LAST_NAME SURNAME FAMILY_NAME PATIENT DOCTOR STAFF',
  ORGANIZATION: 'ORGANIZATION ORGANISATION ORG COMPANY COMPANY_NAME HOSPITAL VENDOR',
  ADDRESS: 'ADDRESS LOCATION LOC GPE FAC STREET STREET_ADDRESS CITY ZIP ZIP_CODE POSTAL_CODE POSTCODE BUILDING',
  EMAIL: 'EMAIL EMAIL_ADDRESS',
  PHONE: 'PHONE PHONE_NUMBER MOBILE_PHONE_NUMBER LANDLINE_PHONE_NUMBER FAX_NUMBER TELEPHONE',
  USERNAME: 'USERNAME USER_NAME SOCIAL_MEDIA_HANDLE',
  BIRTHDATE: 'BIRTHDATE DATE_OF_BIRTH DOB BIRTHDAY',
  CARD: 'CARD CREDIT_CARD CREDIT_CARD_NUMBER DEBIT_CARD',
  IBAN: 'IBAN IBAN_CODE',
  ACCOUNT: 'ACCOUNT ACCOUNT_NUMBER BANK_ACCOUNT BANK_ACCOUNT_NUMBER US_BANK_NUMBER',
  WALLET: 'WALLET CRYPTO CRYPTO_WALLET',
  NATIONAL_ID:
    'NATIONAL_ID ID_NUMBER PASSPORT PASSPORT_NUMBER US_PASSPORT DRIVER_LICENSE DRIVERS_LICENSE_NUMBER ' +
    'US_DRIVER_LICENSE SSN US_SSN SOCIAL_SECURITY_NUMBER UK_NINO ES_NIF ES_NIE IT_FISCAL_CODE IT_IDENTITY_CARD ' +
    'IT_PASSPORT IT_DRIVER_LICENSE PL_PESEL SG_NRIC_FIN FI_PERSONAL_IDENTITY_CODE IN_AADHAAR IN_PASSPORT KR_RRN',
  TAX_ID: 'TAX_ID TAX_IDENTIFICATION_NUMBER US_ITIN AU_TFN AU_ABN IN_PAN IT_VAT_CODE',
  HEALTH_ID: 'HEALTH_ID HEALTH_INSURANCE_ID_NUMBER MEDICAL_LICENSE MEDICAL_RECORD_NUMBER UK_NHS AU_MEDICARE US_MBI',
  VEHICLE: 'VEHICLE LICENSE_PLATE VEHICLE_REGISTRATION_NUMBER IN_VEHICLE_REGISTRATION UK_VEHICLE_REGISTRATION',
  IP: 'IP IP_ADDRESS',
  MAC: 'MAC MAC_ADDRESS',
  URL: 'URL DOMAIN_NAME',
  SECRET: 'SECRET PASSWORD API_KEY CVV CVC PIN',
}

const types: ReadonlyMap<string, EntityType> = new Map(
  Object.entries(labels).flatMap(([type, names]) =>
    names.split(' ').map((name) => [name, type as EntityType] as const),
  ),
)
