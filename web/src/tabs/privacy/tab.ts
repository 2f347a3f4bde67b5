import { lazy } from 'react'
import { strings } from '../../strings.ts'
import type { Tab } from '../tab.ts'

export const privacyTab: Tab = {
  id: 'privacy',
  label: strings.tabs.privacy,
  icon: 'shield',
  scope: 'inference',
  Page: lazy(() => import('./PrivacyPage.tsx').then((module) => ({ default: module.PrivacyPage }))),
}
