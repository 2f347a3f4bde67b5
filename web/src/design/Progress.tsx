/** A bar of what is done; without a known share it moves without claiming one. */
export function Progress({ label, share }: { label: string; share: number | null }) {
  const isKnown = share !== null
  const width = isKnown ? `${Math.min(100, Math.max(0, share * 100))}%` : '100%'
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(isKnown ? { 'aria-valuenow': Math.round(share * 100) } : {})}
      className="h-2 w-full overflow-hidden rounded-sm bg-sunken"
    >
      <div
        className={`h-full rounded-sm transition-[width] duration-300 ${isKnown ? 'embers' : 'kindling breathe'}`}
        style={{ width }}
      />
    </div>
  )
}
