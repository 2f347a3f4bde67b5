import { describe, expect, test } from 'bun:test'
import { attachmentTokens, outputBoundOf, promptBoundOf } from './bounds.ts'

const bytesOf = (body: object) => new TextEncoder().encode(JSON.stringify(body))
const picture = 'iVBORw0KGgo'.repeat(1000)

describe('the bound of a prompt', () => {
  test('is its bytes where it is text, whatever that looks like', () => {
    const body = {
      messages: [
        { role: 'user', content: picture },
        { role: 'user', content: 'é€😀' },
      ],
    }
    const bytes = bytesOf(body)
    expect(promptBoundOf({ bytes, body, data: ['text'] })).toBe(bytes.length)
    expect(promptBoundOf({ bytes, body, data: ['text', 'image'] })).toBe(bytes.length)
  })

  test.each([
    ['a picture in the body', { type: 'image_url', image_url: { url: `data:image/png;base64,${picture}` } }],
    ['a picture of Anthropic’s', { type: 'image', source: { type: 'base64', data: picture } }],
    ['a picture elsewhere', { type: 'image_url', image_url: { url: 'https://example.org/a.png' } }],
    ['a file by its id', { type: 'input_file', file_id: 'file-1' }],
  ])('counts %s as what it may cost', (_what, part) => {
    const body = { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }, part] }] }
    const bound = promptBoundOf({ bytes: bytesOf(body), body, data: ['text', 'image'] })
    expect(bound).toBeGreaterThan(attachmentTokens)
    expect(bound).toBeLessThan(attachmentTokens + 250)
  })
})

describe('the bound of an answer', () => {
  test.each([
    ['the usual where nothing is said', {}, null, 1, 4096],
    ['what is said', { max_tokens: 7 }, 7, 1, 7],
    ['the largest of what is said', { max_tokens: 9000, max_completion_tokens: 7 }, 7, 1, 9000],
    ['for each choice', { max_tokens: 10, n: 3 }, 10, 3, 30],
    ['for each draft of which the best is wanted', { max_tokens: 10, best_of: 5 }, 10, 1, 50],
    ['the usual where what is said is no bound', { max_tokens: -1 }, null, 2, 8192],
  ])('is %s', (_what, body, maxTokens, choices, bound) => {
    expect(outputBoundOf(body, { maxTokens, choices, usual: 4096 })).toBe(bound)
  })
})
