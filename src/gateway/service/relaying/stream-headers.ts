/** Of every answer that comes piece by piece: nothing on the way may keep it or hold it back. */
export const streamHeaders = { 'cache-control': 'no-cache', 'x-accel-buffering': 'no' } as const
