import { lazy } from 'react'
import { strings } from '../../strings.ts'
import type { Tab } from '../tab.ts'

export const keysTab: Tab = {
  id: 'keys',
  label: strings.tabs.keys,
  icon: 'key',
  scope: 'admin',
  Page: lazy(() => import('./KeysPage.tsx').then((module) => ({ default: module.KeysPage }))),
}
