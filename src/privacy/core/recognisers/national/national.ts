import type { Recogniser } from '../../words.ts'
import { americas } from './americas.ts'
import { asia } from './asia.ts'
import { belgium } from './belgium.ts'
import { europe } from './europe.ts'
import { france } from './france.ts'
import { germany } from './germany.ts'
import { italy } from './italy.ts'
import { nearEastAfrica } from './near-east-africa.ts'
import { netherlands } from './netherlands.ts'
import { nordic } from './nordic.ts'
import { oceania } from './oceania.ts'
import { passports } from './passports.ts'
import { poland } from './poland.ts'
import { spain } from './spain.ts'
import { unitedKingdom } from './united-kingdom.ts'
import { unitedStates } from './united-states.ts'

/** Numbers that states give to people, from the published algorithms. */
export const nationalRecognisers: readonly Recogniser[] = [
  unitedStates,
  unitedKingdom,
  germany,
  france,
  spain,
  italy,
  netherlands,
  belgium,
  poland,
  nordic,
  europe,
  americas,
  oceania,
  asia,
  nearEastAfrica,
  passports,
].flat()
