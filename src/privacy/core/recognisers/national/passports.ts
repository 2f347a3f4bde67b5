import { contextWords } from '../context.ts'
import type { Recogniser } from '../../words.ts'
import { writtenNumber } from '../written-numbers.ts'
import { anyLength } from '../digit-runs.ts'

const words = contextWords(
  ['passport', 'passport no', 'passport number', 'passeport', 'pasaporte', 'passaporto', 'reisepass*', 'paspoort*'],
  ['passaporte', 'paszport*', 'pasport', 'driving licence', 'driver s license', 'drivers license', 'driver license'],
  [
    'fuhrerschein*',
    'permis de conduire',
    'permiso de conducir',
    'carnet de conducir',
    'patente di guida',
    'rijbewijs*',
  ],
)

/** Documents of any country: without a check digit, so that a word has to name them. */
export const passports: readonly Recogniser[] = [
  writtenNumber({
    id: 'id.document',
    type: 'NATIONAL_ID',
    trigger: { kind: 'digits', min: 5, max: anyLength },
    back: 9,
    pattern: /[A-Z]{0,5}\d{5,9}[A-Z\d]{0,3}/iy,
    alone: 'never',
    isUnchecked: true,
    words,
    isValid: (compact) => compact.length >= 7 && compact.length <= 16,
  }),
]
