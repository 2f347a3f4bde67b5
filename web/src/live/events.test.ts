import { describe, expect, test } from 'bun:test'
import type { KeyView, ModelView, PullView, UpstreamView } from '../api/types.ts'
import { applyEvents, type LiveCache } from './events.ts'

const model = (id: string, state: ModelView['state'] = 'stopped'): ModelView => ({
  id,
  engine: 'llama',
  state,
  from: 'config',
  label: null,
  capabilities: ['chat'],
  context: null,
  memoryBytes: null,
  ttlMs: null,
  isPinned: false,
  phase: null,
  etaSeconds: null,
  progress: null,
  inFlight: 0,
  queued: 0,
  readySince: null,
  lastUsedAt: null,
  failure: null,
  pid: null,
})
const key = { id: 'k1', name: 'one', revokedAt: null } as KeyView
const pull = { id: 'p1', ref: 'org/repo:file', state: 'running', doneBytes: 1 } as PullView
const upstream = { name: 'office', baseUrl: 'http://a/v1', isReachable: true, models: 2 } as UpstreamView
const cache: LiveCache = { models: [model('a'), model('b')], pulls: [pull], keys: [key], upstreams: [upstream] }

describe('events change the cache', () => {
  test('a model takes its new view in its place, and the others stay the same objects', () => {
    const after = applyEvents(cache, [{ type: 'model.state', data: { model: model('a', 'ready') } }])
    expect(after.cache.models?.map((view) => [view.id, view.state])).toEqual([
      ['a', 'ready'],
      ['b', 'stopped'],
    ])
    expect(after.cache.models?.[1]).toBe(cache.models?.[1])
    expect(after.cache.pulls).toBe(cache.pulls)
    expect([...after.stale].sort()).toEqual(['public', 'routes', 'status'])
  })

  test('a load that only progresses makes nothing stale', () => {
    const loading: LiveCache = { models: [model('a', 'loading')] }
    const after = applyEvents(loading, [
      { type: 'model.state', data: { model: { ...model('a', 'loading'), etaSeconds: 3 } } },
    ])
    expect(after.cache.models?.[0]?.etaSeconds).toBe(3)
    expect(after.stale.size).toBe(0)
  })

  test('an unknown model is added, a removed one goes', () => {
    const after = applyEvents(cache, [
      { type: 'model.state', data: { model: model('c') } },
      { type: 'model.removed', data: { id: 'a' } },
    ])
    expect(after.cache.models?.map((view) => view.id)).toEqual(['b', 'c'])
    expect(after.stale.has('library')).toBe(true)
  })

  test('what was not read yet is not invented from one event', () => {
    const after = applyEvents({}, [
      { type: 'model.state', data: { model: model('a') } },
      { type: 'pull.progress', data: { pull } },
      { type: 'key.created', data: { key } },
    ])
    expect(after.cache).toEqual({ models: undefined, pulls: undefined, keys: undefined })
  })

  test('the last of several events wins', () => {
    const events = ['starting', 'loading', 'ready'].map((state) => ({
      type: 'model.state',
      data: { model: model('a', state as ModelView['state']) },
    }))
    expect(applyEvents(cache, events).cache.models?.[0]?.state).toBe('ready')
  })

  test('a pull that is done makes the models and the files be read again', () => {
    const after = applyEvents(cache, [{ type: 'pull.progress', data: { pull: { ...pull, state: 'done' } } }])
    expect(after.cache.pulls?.[0]?.state).toBe('done')
    expect([...after.stale].sort()).toEqual(['library', 'models', 'public'])
  })

  test('keys and upstreams are replaced by their id and name', () => {
    const after = applyEvents(cache, [
      { type: 'key.revoked', data: { key: { ...key, revokedAt: '2026-01-01T00:00:00Z' } } },
      {
        type: 'upstream.state',
        data: { upstream: { name: 'office', isReachable: false, listed: null, lastError: 'Refused.' } },
      },
    ])
    expect(after.cache.keys?.[0]?.revokedAt).toBe('2026-01-01T00:00:00Z')
    expect(after.cache.upstreams?.[0]).toEqual({ ...upstream, isReachable: false, lastError: 'Refused.' })
  })

  test('an upstream that is not known yet makes the house be read again', () => {
    const news = { name: 'new', isReachable: true, listed: ['a'], lastError: null }
    const after = applyEvents(cache, [{ type: 'upstream.state', data: { upstream: news } }])
    expect(after.cache.upstreams).toBe(cache.upstreams)
    expect(after.stale.has('status')).toBe(true)
  })

  test('a route that changed its state is read anew, and nothing else is', () => {
    const after = applyEvents(cache, [{ type: 'route.state', data: { name: 'big' } }])
    expect(after.cache).toBe(cache)
    expect([...after.stale]).toEqual(['routes'])
  })

  test.each(['privacy.lists', 'privacy.scope_deleted'])('%s makes what the page knows of privacy old', (type) => {
    const after = applyEvents(cache, [{ type, data: { version: 2 } }])
    expect(after).toEqual({ cache, stale: new Set(['privacy']) })
  })

  test('a reset makes everything stale and keeps what is shown', () => {
    const after = applyEvents(cache, [{ type: 'reset', data: {} }])
    expect(after.cache).toBe(cache)
    expect(after.stale.size).toBe(12)
  })

  test('a refused configuration makes the house, which says why, be read again', () => {
    const after = applyEvents(cache, [{ type: 'config.refused', data: { problems: [] } }])
    expect(after).toEqual({ cache, stale: new Set(['status']) })
  })

  test('unknown and malformed events change nothing', () => {
    const after = applyEvents(cache, [
      { type: 'moon.phase', data: { full: true } },
      { type: 'model.state', data: null },
      { type: 'model.state', data: {} },
      { type: 'pull.progress', data: 'x' },
    ])
    expect(after.cache.models).toBe(cache.models)
    expect(after.cache.pulls).toBe(cache.pulls)
    expect(after.stale.size).toBe(0)
  })
})
