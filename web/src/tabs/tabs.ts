import { catalogueTab } from './catalogue/tab.ts'
import { chatTab } from './chat/tab.ts'
import { keysTab } from './keys/tab.ts'
import { modelsTab } from './models/tab.ts'
import { privacyTab } from './privacy/tab.ts'
import { requestsTab } from './requests/tab.ts'
import { routesTab } from './routes/tab.ts'
import type { Tab } from './tab.ts'

/**
 * The parts of the house, in the order they are shown. A new capability makes a folder beside these and one line
 * here.
 */
export const tabs: readonly Tab[] = [modelsTab, chatTab, requestsTab, routesTab, privacyTab, catalogueTab, keysTab]
