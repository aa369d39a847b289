/** Sets the process's clock ahead by CLOCK_SKEW_MS milliseconds, or back when that is negative. */
const skewMs = Number(process.env.CLOCK_SKEW_MS)
const RealDate = Date

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [target.now() + skewMs] : args, newTarget),
  apply: () => new RealDate(RealDate.now() + skewMs).toString(),
  get: (target, property, receiver) => {
    return property === 'now' ? () => target.now() + skewMs : Reflect.get(target, property, receiver)
  }
})
