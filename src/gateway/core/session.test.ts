import { expect, test } from 'bun:test'
import { sessionOf } from './session.ts'

test.each([
  ['nothing', {}, {}, null],
  ['OpenCode', { 'x-session-id': 'ses_1', 'x-session-affinity': 'ses_2' }, { user: 'u' }, 'ses_1'],
  ['its affinity alone', { 'x-session-affinity': 'ses_2' }, {}, 'ses_2'],
  ['Claude Code', { 'X-Claude-Code-Session-Id': 'c-1' }, { metadata: { user_id: 'u' } }, 'c-1'],
  ['Codex', { 'session-id': 'thread' }, { prompt_cache_key: 'k' }, 'thread'],
  ['a key of the prompt cache', {}, { prompt_cache_key: 'k', user: 'u' }, 'k'],
  ['the name of a user', {}, { user: 'u' }, 'u'],
  ['Anthropic’s name of a user', {}, { metadata: { user_id: 'u2' } }, 'u2'],
  ['what is no text', {}, { user: 7, metadata: null }, null],
  ['an empty header', { 'session-id': '' }, { user: 'u' }, 'u'],
  ['a name that is a story', { 'x-session-id': 'x'.repeat(513) }, {}, null],
] as const)('the session of a request with %s', (_what, headers, body, session) => {
  expect(sessionOf(new Headers(headers), body)).toBe(session)
})
