import { lazy } from 'react'
import { strings } from '../../strings.ts'
import type { Tab } from '../tab.ts'

export const catalogueTab: Tab = {
  id: 'catalogue',
  label: strings.tabs.catalogue,
  icon: 'book',
  scope: 'inference',
  Page: lazy(() => import('./CataloguePage.tsx').then((module) => ({ default: module.CataloguePage }))),
}
