/**
 * A TCP port of `host` that nobody listens on at this moment. Another program may take it before the caller's does:
 * whoever uses it must be ready for a failed start and try another.
 */
export function findFreePort(host: string): number {
  const listener = Bun.listen({ hostname: host, port: 0, socket: { data() {} } })
  const { port } = listener
  listener.stop(true)
  return port
}
