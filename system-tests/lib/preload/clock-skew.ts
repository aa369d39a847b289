/**
 * Sets the process's clock ahead by CLOCK_SKEW_MS, which may be negative. Each SIGWINCH sets it
 * ahead by CLOCK_JUMP_MS more.
 */
let skewMs = Number(process.env.CLOCK_SKEW_MS ?? 0)
const RealDate = Date

process.on('SIGWINCH', () => { skewMs += Number(process.env.CLOCK_JUMP_MS ?? 0) })

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [target.now() + skewMs] : args, newTarget),
  apply: () => new RealDate(RealDate.now() + skewMs).toString(),
  get: (target, property, receiver) => {
    return property === 'now'
      ? () => target.now() + skewMs
      : Reflect.get(target, property, receiver)
  }
})
