import type { LazyExoticComponent, ComponentType } from 'react'
import type { Scope } from '../api/types.ts'
import type { IconName } from '../design/Icon.tsx'

/** One capability of the house as the page shows it. Its code is loaded when somebody first goes there. */
export interface Tab {
  /** In the address: `#/<id>`. */
  readonly id: string
  readonly label: string
  readonly icon: IconName
  /** Who does not hold it does not see the tab. */
  readonly scope: Scope
  readonly Page: LazyExoticComponent<ComponentType<TabProps>>
  /** The page fills the window and scrolls inside (a conversation) instead of scrolling as a whole (a list). */
  readonly fillsWindow?: boolean
}

export interface TabProps {
  /** What stands in the address after the tab: `hearth/smoke` in `#/chat/hearth/smoke`. */
  readonly rest: string
}
