import type { Auth } from '#auth/index.ts'
import type { AnyRoute } from '#platform/http/route.ts'
import type { CompatSurface } from './compat.ts'

/** HelixFlow's gateway had these; they are ours as they are, but for how refusals look. */
const ofGateway: readonly string[] = ['POST /v1/chat/completions', 'GET /v1/models', 'GET /v1/models/{id+}']

/** What clients of HelixFlow find on their listener: its auth service, chat and models. */
export function helixSurface(auth: Auth, gatewayRoutes: readonly AnyRoute[]): CompatSurface {
  const taken = gatewayRoutes.filter(({ method, path }) => ofGateway.includes(`${method} ${path}`))
  return { routes: [...auth.helix.routes, ...taken], shape: auth.helix.shape }
}
