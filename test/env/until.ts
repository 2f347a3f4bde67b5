/** Polls until `condition` holds: for what has no event to wait for. The deadline is a failure, never a way to wait. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 10_000,
): Promise<void> {
  const end = performance.now() + deadlineMs
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Waited ${deadlineMs} ms in vain until ${what}.`)
    await Bun.sleep(10)
  }
}
