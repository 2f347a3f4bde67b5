import { lazy } from 'react'
import { strings } from '../../strings.ts'
import type { Tab } from '../tab.ts'

export const modelsTab: Tab = {
  id: 'models',
  label: strings.tabs.models,
  icon: 'flame',
  scope: 'monitor',
  Page: lazy(() => import('./ModelsPage.tsx').then((module) => ({ default: module.ModelsPage }))),
}
