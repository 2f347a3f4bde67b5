import { aiFormats } from './ai.ts'
import { ciFormats } from './ci.ts'
import { cloudFormats } from './clouds.ts'
import { codeHostingFormats } from './code-hosting.ts'
import { databaseFormats } from './databases.ts'
import type { Format } from './format.ts'
import { houseFormats } from './house.ts'
import { identityFormats } from './identity.ts'
import { messagingFormats } from './messaging.ts'
import { monitoringFormats } from './monitoring.ts'
import { packageFormats } from './packages.ts'
import { paymentFormats } from './payments.ts'

/** Every published form that is known here. */
export const secretFormats: readonly Format[] = [
  ...aiFormats,
  ...ciFormats,
  ...cloudFormats,
  ...codeHostingFormats,
  ...databaseFormats,
  ...houseFormats,
  ...identityFormats,
  ...messagingFormats,
  ...monitoringFormats,
  ...packageFormats,
  ...paymentFormats,
]
