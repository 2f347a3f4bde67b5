import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { RequestView } from '../../api/types.ts'
import { strings } from '../../strings.ts'
import { blocksOf } from './blocks.ts'
import { ListHead, RequestRow } from './RequestRow.tsx'

const blockSize = 100
/** A block is drawn when it comes this near to the window. */
const nearMargin = '1200px 0px'
/** Of a row that was never drawn. */
const usualRowPx = 62

interface RequestListProps {
  rows: readonly RequestView[]
  filterText: string
  keyNames: ReadonlyMap<string, string>
}

/** Up to ten thousand rows, of which only those near the window are really there. */
export function RequestList({ rows, filterText, keyNames }: RequestListProps) {
  const blocks = useMemo(() => blocksOf(rows, blockSize), [rows])
  if (rows.length === 0) return null
  return (
    <div className="rounded-lg border border-line bg-panel">
      <ListHead />
      <div role="list" aria-label={strings.requests.title} className="divide-y divide-line">
        {blocks.map((block, place) => (
          <Block
            key={block.at(-1)?.id ?? ''}
            rows={block}
            startsNear={place < 2}
            filterText={filterText}
            keyNames={keyNames}
          />
        ))}
      </div>
    </div>
  )
}

interface BlockProps extends RequestListProps {
  startsNear: boolean
}

const Block = memo(
  function Block({ rows, startsNear, filterText, keyNames }: BlockProps) {
    const place = useRef<HTMLDivElement>(null)
    const [isNear, setNear] = useState(startsNear)
    const heightPx = useRef(rows.length * usualRowPx)
    useEffect(() => {
      const watched = place.current
      if (!watched) return
      const watcher = new IntersectionObserver(([entry]) => setNear(entry?.isIntersecting ?? true), {
        rootMargin: nearMargin,
      })
      watcher.observe(watched)
      return () => watcher.disconnect()
    }, [])
    useLayoutEffect(() => {
      if (isNear && place.current) heightPx.current = place.current.offsetHeight
    })
    return (
      <div
        ref={place}
        role="presentation"
        className="divide-y divide-line"
        style={isNear ? {} : { height: `${heightPx.current}px` }}
      >
        {isNear &&
          rows.map((request) => (
            <RequestRow
              key={request.id}
              request={request}
              keyName={keyNames.get(request.key) ?? null}
              filterText={filterText}
            />
          ))}
      </div>
    )
  },
  (before, after) =>
    before.filterText === after.filterText &&
    before.keyNames === after.keyNames &&
    before.rows.length === after.rows.length &&
    before.rows[0]?.id === after.rows[0]?.id,
)
