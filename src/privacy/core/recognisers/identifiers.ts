import type { Recogniser } from '../words.ts'
import { bankRecognisers } from './bank.ts'
import { birthdates } from './birthdate.ts'
import { cards } from './card.ts'
import { coordinateRecognisers } from './coordinates.ts'
import { devices } from './device.ts'
import { emails } from './email.ts'
import { addressRecognisers } from './ip.ts'
import { nationalRecognisers } from './national/national.ts'
import { phones } from './phone.ts'
import { remoteLogins } from './remote-login.ts'
import { urlRecognisers } from './url.ts'
import { pathRecognisers } from './user-path.ts'
import { vehicles } from './vehicle.ts'
import { walletRecognisers } from './wallet.ts'

/**
 * Everything that finds identifiers of people, machines and places: what is told by check digits, formats and the words
 * around it. Names and secrets are others' business. Sorted by id.
 */
export function identifierRecognisers(options: { readonly urls: 'internal' | 'all' }): readonly Recogniser[] {
  return [
    emails,
    remoteLogins,
    phones,
    cards,
    bankRecognisers,
    walletRecognisers,
    addressRecognisers,
    urlRecognisers(options.urls),
    coordinateRecognisers,
    birthdates,
    vehicles,
    devices,
    pathRecognisers,
    nationalRecognisers,
  ]
    .flat()
    .toSorted((left, right) => (left.id < right.id ? -1 : 1))
}
