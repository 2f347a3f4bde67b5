import type { UpstreamLists } from './service/upstream-lists.ts'

/** How often upstreams that offer all they have are asked for their list. */
const refreshMs = 60_000

/** Keeps the upstreams' model lists fresh. Reads all it needs at each activation; what fails is shown in the upstream's state. */
export function startListRefresh(lists: UpstreamLists): AsyncDisposable {
  const abort = new AbortController()
  let running = lists.refresh(abort.signal)
  const timer = setInterval(() => {
    running = lists.refresh(abort.signal)
  }, refreshMs)
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      abort.abort()
      await running
    },
  }
}
