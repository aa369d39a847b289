/**
 * Many callers, one read at a time. A call made while a read is running does not get that read's answer, which
 * may predate what the caller has just written: it waits for the next read, and everyone waiting shares it.
 * So no answer is ever older than its question, there is nothing to invalidate, and the cost of a read no
 * longer grows with the number of callers. The first of those who share a read lends it its argument.
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
