/**
 * Runs one read at a time for all callers. A call during a read does not share its result, which
 * may predate a write by the caller: it waits for the next read and shares that one with the other
 * waiting callers. So no result is older than its call, and there is no cache to invalidate. A
 * shared read gets the arguments of its first caller.
 */
export function coalesce<Argument extends unknown[], Result> (
  read: (...argument: Argument) => Promise<Result>
): (...argument: Argument) => Promise<Result> {
  let running: Promise<unknown> | undefined
  let next: Promise<Result> | undefined

  function start (...argument: Argument): Promise<Result> {
    next = undefined
    const current = read(...argument)
    const settled = () => {
      if (running === ended) running = undefined
    }
    const ended: Promise<unknown> = current.then(settled, settled)
    running = ended
    return current
  }
  return (...argument) => {
    if (next) return next
    if (!running) return start(...argument)
    next = running.then(() => start(...argument))
    return next
  }
}
