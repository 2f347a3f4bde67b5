import { Component, type ReactNode } from 'react'
import { Button } from '../design/Button.tsx'
import { Notice } from '../design/Notice.tsx'
import { strings } from '../strings.ts'

/** A fault in one part of the page stays in it. A class, because React catches faults of drawing in classes only. */
export class Crash extends Component<{ children: ReactNode }, { hasCrashed: boolean }> {
  override state = { hasCrashed: false }

  static getDerivedStateFromError(): { hasCrashed: boolean } {
    return { hasCrashed: true }
  }

  override render(): ReactNode {
    if (!this.state.hasCrashed) return this.props.children
    return (
      <div className="mx-auto max-w-2xl p-6">
        <Notice
          tone="failed"
          isLive
          action={
            <Button icon="refresh" onClick={() => location.reload()}>
              {strings.crash.reload}
            </Button>
          }
        >
          <p className="font-semibold">{strings.crash.title}</p>
          <p className="text-sm">{strings.crash.body}</p>
        </Notice>
      </div>
    )
  }
}
