import { isLuhn } from '../checksums.ts'
import { contextWords } from '../context.ts'
import { anyLength, digitNumber } from '../digit-runs.ts'
import type { Recogniser } from '../../words.ts'
import { writtenNumber } from '../written-numbers.ts'

const taxWords = contextWords('itin', 'fein', 'ein no', 'ein number', 'tax id', 'taxpayer*', 'employer id*', 'irs')

export const unitedStates: readonly Recogniser[] = [
  digitNumber({
    id: 'id.us.ssn',
    type: 'NATIONAL_ID',
    shapes: [[3, 2, 4], [9]],
    separators: '- .',
    tellingSeparators: '-',
    alone: 'grouped',
    isUnchecked: true,
    words: contextWords('ssn', 'ss#', 'social security*', 'soc sec', 'seguro social', 'socialsecurity*', 'ssns'),
    isValid: isSsn,
  }),
  digitNumber({
    id: 'id.us.itin',
    type: 'TAX_ID',
    shapes: [[3, 2, 4], [9]],
    separators: '- ',
    tellingSeparators: '-',
    alone: 'grouped',
    isUnchecked: true,
    words: taxWords,
    isValid: isItin,
  }),
  digitNumber({
    id: 'id.us.ein',
    type: 'TAX_ID',
    shapes: [[2, 7], [9]],
    separators: '-',
    alone: 'never',
    isUnchecked: true,
    words: taxWords,
    isValid: (digits) => !/^(00|07|08|09|17|18|19|28|29|49|69|70|78|79|89|96|97)/.test(digits),
  }),
  digitNumber({
    id: 'id.us.npi',
    type: 'HEALTH_ID',
    shapes: [[10]],
    separators: '',
    alone: 'never',
    words: contextWords('npi', 'national provider*', 'provider id', 'provider number'),
    isValid: (digits) => /^[12]/.test(digits) && isLuhn(`80840${digits}`),
  }),
  writtenNumber({
    id: 'id.us.mbi',
    type: 'HEALTH_ID',
    trigger: { kind: 'digits', min: 1, max: anyLength, only: { groups: [1] } },
    back: 0,
    pattern:
      /[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y]{2}\d\d/y,
    alone: 'grouped',
    isUnchecked: true,
    words: contextWords('mbi', 'medicare', 'beneficiary'),
    isValid: () => true,
  }),
]

/** 2011 ended the meaning of the areas; what was never given out stays so. */
function isSsn(digits: string): boolean {
  return !/^(000|666|9)/.test(digits) && digits.slice(3, 5) !== '00' && digits.slice(5) !== '0000'
}

function isItin(digits: string): boolean {
  const group = Number(digits.slice(3, 5))
  const isGroup = (group >= 50 && group <= 65) || (group >= 70 && group <= 88) || (group >= 90 && group <= 99)
  return digits.startsWith('9') && isGroup && group !== 93
}
