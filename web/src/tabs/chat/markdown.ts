import createDomPurify from 'dompurify'
import { Marked } from 'marked'
import { strings } from '../../strings.ts'

/**
 * Model output is a stranger's text. It becomes a tree of harmless elements: no script, style, form, frame or picture
 * (a picture's address could carry the conversation away; it becomes a link), no id or class that could pose as the
 * page's own.
 */
const allowedTags = [
  ...['p', 'br', 'hr', 'strong', 'em', 'del', 's', 'sub', 'sup', 'code', 'pre', 'blockquote', 'a', 'kbd', 'mark'],
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
]
const allowedAttributes = ['href', 'title', 'start', 'align', 'data-language']
const allowedAddresses = /^(?:https?:|mailto:)/i

const purifier = createDomPurify(window)
const marked = new Marked({ gfm: true, breaks: true, async: false })

marked.use({
  renderer: {
    html: ({ text }) => escapeMarkup(text),
    image: ({ href, text }) => `<a href="${escapeMarkup(href)}">${escapeMarkup(text || strings.chat.image)}</a>`,
    checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
    code: ({ text, lang }) => {
      const language = escapeMarkup((lang ?? '').split(/\s/)[0] ?? '')
      return `<pre data-language="${language}"><code>${escapeMarkup(text)}</code></pre>\n`
    },
  },
})

/**
 * Pieces that stand alone, in order: while an answer grows only its last piece changes, so only that is drawn again.
 */
export function splitMarkdown(text: string): readonly string[] {
  const pieces: string[] = []
  const tokens = marked.lexer(text)
  // Definitions of links at the end serve the whole text: then it stays one piece.
  if (Object.keys(tokens.links).length > 0) return [text]
  for (const token of tokens) {
    if (token.type === 'space') continue
    pieces.push(token.raw)
  }
  return pieces
}

export function renderMarkdown(text: string): DocumentFragment {
  const html = marked.parse(text, { async: false })
  const tree = purifier.sanitize(html, {
    ALLOWED_TAGS: allowedTags,
    ALLOWED_ATTR: allowedAttributes,
    ALLOWED_URI_REGEXP: allowedAddresses,
    // Their values are no addresses; without this they are judged as if they were, and dropped.
    ADD_URI_SAFE_ATTR: ['data-language', 'align', 'start'],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  })
  for (const link of tree.querySelectorAll('a')) secureLink(link)
  for (const code of tree.querySelectorAll('pre')) addCodeHead(code)
  return document.importNode(tree, true)
}

function secureLink(link: HTMLAnchorElement): void {
  if (!link.hasAttribute('href')) return
  link.target = '_blank'
  link.rel = 'noopener noreferrer nofollow'
}

/** The language and a button that `Markdown.tsx` hears; made of elements and text only. */
function addCodeHead(code: HTMLElement): void {
  const block = document.createElement('div')
  const head = document.createElement('div')
  const language = document.createElement('span')
  const copy = document.createElement('button')
  block.className = 'code-block'
  head.className = 'code-head'
  language.textContent = code.dataset.language || strings.chat.code
  copy.type = 'button'
  copy.dataset.copies = 'code'
  copy.textContent = strings.copy
  head.append(language, copy)
  code.tabIndex = 0
  code.replaceWith(block)
  block.append(head, code)
}

function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
