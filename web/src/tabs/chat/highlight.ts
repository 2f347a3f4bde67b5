import createDomPurify from 'dompurify'
import highlighter from 'highlight.js/lib/core'
import bash from 'highlight.js/lib/languages/bash'
import cpp from 'highlight.js/lib/languages/cpp'
import css from 'highlight.js/lib/languages/css'
import diff from 'highlight.js/lib/languages/diff'
import go from 'highlight.js/lib/languages/go'
import java from 'highlight.js/lib/languages/java'
import javascript from 'highlight.js/lib/languages/javascript'
import json from 'highlight.js/lib/languages/json'
import python from 'highlight.js/lib/languages/python'
import rust from 'highlight.js/lib/languages/rust'
import sql from 'highlight.js/lib/languages/sql'
import typescript from 'highlight.js/lib/languages/typescript'
import xml from 'highlight.js/lib/languages/xml'
import yaml from 'highlight.js/lib/languages/yaml'

/** Loaded when the first block of code is whole. The languages models write most; others stay plain. */
const languages = { bash, cpp, css, diff, go, java, javascript, json, python, rust, sql, typescript, xml, yaml }

/** Longer code stays plain: its colours would hold the page up. */
const longestCode = 50_000

const purifier = createDomPurify(window)
for (const [name, language] of Object.entries(languages)) highlighter.registerLanguage(name, language)

/** Gives the words of a block of code their kinds, as elements with a class; the text stays the same. */
export function highlightCode(code: HTMLElement, language: string): void {
  const text = code.textContent
  if (text.length > longestCode || !highlighter.getLanguage(language)) return
  const { value } = highlighter.highlight(text, { language, ignoreIllegals: true })
  const tree = purifier.sanitize(value, {
    ALLOWED_TAGS: ['span'],
    ALLOWED_ATTR: ['class'],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  })
  // Colours are never worth a changed word.
  if (tree.textContent === text) code.replaceChildren(document.importNode(tree, true))
}
