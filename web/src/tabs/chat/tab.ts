import { lazy } from 'react'
import { strings } from '../../strings.ts'
import type { Tab } from '../tab.ts'

export const chatTab: Tab = {
  id: 'chat',
  label: strings.tabs.chat,
  icon: 'chat',
  scope: 'inference',
  Page: lazy(() => import('./ChatPage.tsx').then((module) => ({ default: module.ChatPage }))),
  fillsWindow: true,
}
