export { monitorRoutes } from './http.ts'
export type { Sources } from './ports.ts'
export { Monitor } from './service.ts'
