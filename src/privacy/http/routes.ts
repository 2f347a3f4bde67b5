import type { AnyRoute } from '#platform/http/route.ts'
import { houseRoutes, type HouseParts } from './house.ts'
import { recordRoutes, type RecordParts } from './records.ts'
import { textRoutes, type TextParts } from './texts.ts'

export type PrivacyHttp = TextParts & RecordParts & HouseParts

/** `/scrub`, `/rehydrate` and `/v1/privacy/*`. */
export function privacyRoutes(parts: PrivacyHttp): readonly AnyRoute[] {
  return [...textRoutes(parts), ...recordRoutes(parts), ...houseRoutes(parts)]
}
