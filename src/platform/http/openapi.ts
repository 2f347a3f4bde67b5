import { z } from 'zod'
import type { AnyRoute } from './route.ts'

export interface Document {
  readonly title: string
  readonly version: string
  readonly description: string
}

type Json = Record<string, unknown>

/**
 * The API document (OpenAPI 3.1) from the same records that the router runs. Stable order, so that it can be compared.
 */
export function openApiDocument(routes: readonly AnyRoute[], document: Document): Json {
  const paths: Record<string, Json> = {}
  const sorted = [...routes].sort((a, b) => a.path.localeCompare(b.path) || a.method.localeCompare(b.method))
  for (const route of sorted) {
    const path = route.path.replaceAll('+}', '}')
    const item = (paths[path] ??= {})
    item[route.method.toLowerCase()] = operation(route)
  }
  return {
    openapi: '3.1.0',
    info: document,
    servers: [{ url: '/' }],
    paths,
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: '`hk-<public id>-<secret>`' },
        header: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
    },
  }
}

function operation(route: AnyRoute): Json {
  const body = 'raw' in route ? route.describe?.body : route.body
  const responses = 'raw' in route ? (route.describe?.responses ?? {}) : route.responses
  return {
    operationId: operationId(route),
    summary: route.summary,
    tags: [route.tag],
    ...(route.scope === null
      ? { security: [] }
      : { security: [{ key: [] }, { header: [] }], 'x-hearth-scope': route.scope }),
    ...parameters(route),
    ...(body
      ? { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body, 'input') } } } }
      : {}),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, shape]) => [status, response(Number(status), shape)]),
    ),
  }
}

/** `POST /api/keys/{id}/rotate` → `post_api_keys_id_rotate`. */
const operationId = (route: AnyRoute): string =>
  `${route.method.toLowerCase()}${route.path.replaceAll(/[{}+]/g, '').replaceAll(/[^a-zA-Z0-9]+/g, '_')}`

function parameters(route: AnyRoute): Json {
  const inPath = [...route.path.matchAll(/\{(\w+)\+?\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const query = 'raw' in route || !route.query ? [] : queryParameters(route.query)
  const all = [...inPath, ...query]
  return all.length > 0 ? { parameters: all } : {}
}

function queryParameters(query: z.ZodType): readonly Json[] {
  const schema = schemaOf(query, 'input') as { properties?: Record<string, Json>; required?: string[] }
  return Object.entries(schema.properties ?? {}).map(([name, shape]) => ({
    name,
    in: 'query',
    required: schema.required?.includes(name) ?? false,
    schema: shape,
  }))
}

function response(
  status: number,
  shape: z.ZodType | { readonly contentType: string; readonly description: string },
): Json {
  if (!(shape instanceof z.ZodType))
    return { description: shape.description, content: { [shape.contentType]: { schema: { type: 'string' } } } }
  return {
    description: status < 400 ? 'The answer.' : 'The refusal.',
    content: { 'application/json': { schema: schemaOf(shape, 'output') } },
  }
}

function schemaOf(shape: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io, unrepresentable: 'any' }) as Json
  return schema
}
