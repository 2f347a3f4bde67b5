/** The page's own drawings, 24 × 24, one stroke. They stand beside words and are silent to screen readers. */
const paths = {
  flame:
    'M12 3c.6 4 5 5.600 5 11a5 5 0 0 1-10 0c0-2.300 1-3.600 2.200-5 .4 1.300.9 1.900 1.700 2.300C10.800 9 11 6.500 12 3z',
  chat: 'M4 5.500h16v11H10l-4.500 3.500v-3.500H4z',
  key: 'M14.500 3.500a6 6 0 1 1-4.700 9.700L4 19v1.500h3.500V18H10v-2.500l.800-.8M15.500 8.500h.01',
  check: 'M5 12.500l4.500 4.500L19 7',
  cross: 'M6 6l12 12M18 6L6 18',
  alert: 'M12 8v5M12 16.500v.01M12 3.500l9 16H3z',
  info: 'M12 11v5.500M12 7.500v.01M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18z',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  down: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  send: 'M12 20V5M6 11l6-6 6 6',
  stop: 'M7 7h10v10H7z',
  plus: 'M12 5v14M5 12h14',
  sliders: 'M4 8h9M17 8h3M4 16h3M11 16h9M15 5.500v5M9 13.500v5',
  chevron: 'M6 9.500l6 6 6-6',
  person: 'M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4.500 20.500c1-4 4-5.500 7.500-5.500s6.500 1.500 7.500 5.500',
  refresh: 'M19.500 12a7.500 7.500 0 1 1-2.200-5.300L19.500 9M19.500 4v5h-5',
  search: 'M10.500 4a6.500 6.500 0 1 1 0 13 6.500 6.500 0 0 1 0-13zM15.500 15.500L20.500 20.500',
  sun: 'M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400',
  moon: 'M19.500 14.500A8 8 0 0 1 9.500 4.500a8 8 0 1 0 10 10z',
  screen: 'M3.500 5h17v11.500h-17zM9 20.500h6',
  list: 'M4 6.500h.01M8 6.500h12M4 12h.01M8 12h12M4 17.500h.01M8 17.500h12',
  route:
    'M6 4.500a1.500 1.500 0 1 1 0 3 1.500 1.500 0 0 1 0-3zM18 16.500a1.500 1.500 0 1 1 0 3 1.500 1.500 0 0 1 0-3zM7.500 6H15a3 3 0 0 1 0 6H9a3 3 0 0 0 0 6h7.500',
  image: 'M4 5h16v14H4zM4 16l4.500-4.500 4 4 2.500-2.500 5 5M15 9.500h.01',
  edit: 'M4 20l1-4L16 5l3 3L8 19zM14 7l3 3',
  columns: 'M4 5h16v14H4zM12 5v14',
  terminal: 'M4 5h16v14H4zM7.500 9.500l3 2.500-3 2.500M12.500 15h4',
  undo: 'M9 5L4.500 9.500 9 14M4.500 9.500H15a4.500 4.500 0 0 1 0 9h-3',
  play: 'M8 5.500v13l10.500-6.500z',
  pause: 'M8.500 6v12M15.500 6v12',
  shield: 'M12 3l7.500 2.800v5.700c0 4.500-3.200 7.700-7.500 9.500-4.300-1.800-7.500-5-7.500-9.500V5.800z',
  book: 'M12 6.500c-2.500-1.600-5.200-1.700-8.500-1v13c3.300-.7 6-.6 8.500 1 2.500-1.600 5.200-1.700 8.500-1v-13c-3.300-.7-6-.6-8.500 1zM12 6.500v13',
  pin: 'M9 3.500h6l-1 6 3 3.500H7l3-3.500zM12 13v7.500',
} as const

export type IconName = keyof typeof paths

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      className="shrink-0"
    >
      <path d={paths[name]} />
    </svg>
  )
}

/** The sign of the house: an arch with an ember in it; cold while nothing answers. */
export function HearthMark({ size = 32, isLit = true }: { size?: number; isLit?: boolean }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" className="shrink-0">
      <path d="M4 29V15a12 12 0 0 1 24 0v14z" className="fill-ink dark:fill-line" />
      <path
        d="M16 10.500c1 4.200 5.500 5.600 5.500 10.800A5.500 5.500 0 0 1 16 27a5.500 5.500 0 0 1-5.500-5.700c0-2.500 1.300-3.900 2.500-5.400.4 1.400 1 2 1.800 2.400C15 16 14.600 13.400 16 10.500z"
        className={isLit ? 'fill-[#f08a3c]' : 'fill-edge'}
      />
    </svg>
  )
}
