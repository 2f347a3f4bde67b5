import { lazy } from 'react'
import { strings } from '../../strings.ts'
import type { Tab } from '../tab.ts'

export const routesTab: Tab = {
  id: 'routes',
  label: strings.tabs.routes,
  icon: 'route',
  scope: 'monitor',
  Page: lazy(() => import('./RoutesPage.tsx').then((module) => ({ default: module.RoutesPage }))),
}
