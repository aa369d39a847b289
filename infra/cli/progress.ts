/** Lines with the time since the start, so that one sees what takes long. */
export function stopwatch (write: (line: string) => void = console.log) {
  const start = performance.now()
  const elapsed = () => {
    const seconds = Math.round((performance.now() - start) / 1000)
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  }
  return { elapsed, say: (text: string) => write(`[${elapsed()}] ${text}`) }
}

/** What Terraform says of a resource, in a person's words; undefined for what nobody waits for. */
export function progressOf (line: string): string | undefined {
  const match =
    /^(\w+)\s+([\w-]+)\.([\w-]+?)(?:_[0-9A-F]{8})?(?: \([^)]*\))?: (Creating|Modifying|Destroying|Creation complete|Modifications complete|Destruction complete|Still \w+)/.exec(
      line
    )
  if (match) {
    const [, stack, type, name, what] = match
    if (what!.startsWith('Still')) return undefined
    const verb = {
      Creating: 'making',
      Modifying: 'changing',
      Destroying: 'removing',
      'Creation complete': 'made',
      'Modifications complete': 'changed',
      'Destruction complete': 'removed'
    }[what!]
    return `${stack}: ${verb} ${name!.replace(/_(release|namespace)$/, '')} (${type!.replace(/^(helm|kubernetes|kind|terraform)_/, '').replace(/_v1$/, '')})`
  }
  const warning = /There is no (PagerDuty key|heartbeat URL)[^.]*/.exec(line)
  if (warning) return `warning: ${warning[0]}`
  const done = /(?:Apply|Destroy) complete! (Resources: .*)$/.exec(line)
  if (done) return done[1]
  if (/\(local-exec\):\s+(?!Executing: )\S/.test(line)) {
    return line.replace(/^.*\(local-exec\):\s+/, '  ')
  }
  return undefined
}
