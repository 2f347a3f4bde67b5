import { lazy } from 'react'
import { strings } from '../../strings.ts'
import type { Tab } from '../tab.ts'

export const requestsTab: Tab = {
  id: 'requests',
  label: strings.tabs.requests,
  icon: 'list',
  scope: 'monitor',
  Page: lazy(() => import('./RequestsPage.tsx').then((module) => ({ default: module.RequestsPage }))),
}
