import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'

const css = await Bun.file(join(import.meta.dir, 'styles.css')).text()

/** WCAG 2.2 AA: 4.5:1 for text, 3:1 for marks and the edges of controls. */
const texts: readonly [string, readonly string[]][] = [
  ['ink', ['ground', 'panel', 'raised', 'sunken', 'ember-tint', 'slate-tint', 'garnet-tint', 'ochre-tint']],
  ['ink', ['moss-tint', 'plum-tint']],
  ['ink-soft', ['ground', 'panel', 'raised', 'sunken']],
  ['ember', ['panel', 'raised', 'sunken']],
  ['on-ember', ['ember', 'ember-strong']],
  ['slate', ['ground', 'panel', 'sunken']],
  ['garnet', ['ground', 'panel', 'raised', 'sunken', 'garnet-tint']],
  ['on-garnet', ['garnet']],
  ['ochre', ['ground', 'panel', 'ochre-tint']],
  ['moss', ['panel', 'sunken']],
]
const marks: readonly [string, readonly string[]][] = [
  ['edge', ['ground', 'panel', 'raised']],
  ['glow', ['panel']],
  ['slate', ['ground', 'panel', 'raised', 'sunken', 'slate-tint', 'ochre-tint', 'garnet-tint']],
  ['ember', ['ember-tint']],
]

for (const [theme, selector] of [
  ['light', ':root {'],
  ['dark', ":root[data-theme='dark'] {"],
] as const) {
  describe(`the ${theme} theme`, () => {
    const colours = readColours(selector)
    for (const [kind, least, pairs] of [
      ['text', 4.5, texts],
      ['mark', 3, marks],
    ] as const) {
      for (const [front, grounds] of pairs) {
        for (const ground of grounds) {
          test(`${front} as ${kind} can be seen on ${ground}`, () => {
            expect(contrast(colours.get(front), colours.get(ground))).toBeGreaterThanOrEqual(least)
          })
        }
      }
    }
  })
}

function readColours(selector: string): ReadonlyMap<string, string> {
  const start = css.indexOf(selector)
  const block = css.slice(start, css.indexOf('}', start))
  return new Map(
    [...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name = '', colour = '']) => [name, colour]),
  )
}

function contrast(front: string | undefined, ground: string | undefined): number {
  if (!front || !ground) throw new Error('A colour of this test is not in styles.css.')
  const [light = 0, dark = 0] = [luminance(front), luminance(ground)].toSorted((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

/** Relative luminance as WCAG 2.2 defines it. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
