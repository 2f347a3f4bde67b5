import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { queries } from '../../api/queries.ts'

/** Names of keys, for those who may read them. */
export function useKeyNames(isAdmin: boolean): ReadonlyMap<string, string> {
  const keys = useQuery({ ...queries.keys, enabled: isAdmin })
  return useMemo(() => new Map((keys.data ?? []).map((key) => [key.id, key.name])), [keys.data])
}
