import type { Resource, TerraformEvent } from './terraform.ts'

/** Prints lines with the time since the start. */
export function stopwatch (write: (line: string) => void = console.log) {
  const start = performance.now()
  const elapsed = () => {
    const seconds = Math.round((performance.now() - start) / 1000)
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  }
  return { elapsed, log: (text: string) => write(`[${elapsed()}] ${text}`) }
}

const STARTED: Record<string, string> =
  { create: 'creating', update: 'updating', delete: 'destroying' }
const COMPLETED: Record<string, string> =
  { create: 'created', update: 'updated', delete: 'destroyed' }

/** One line for an event of `terraform apply` or `destroy`; undefined for those of no interest. */
export function describeEvent (stack: string, event: TerraformEvent): string | undefined {
  const { type, hook, changes, diagnostic } = event
  if (type === 'apply_start' || type === 'apply_complete') {
    const verb = (type === 'apply_start' ? STARTED : COMPLETED)[hook!.action!]
    return verb && `${stack}: ${verb} ${nameOf(hook!.resource)}`
  }
  if (type === 'provision_progress') {
    const output = hook!.output!.trim()
    return output && !output.startsWith('Executing: ') ? `  ${output}` : undefined
  }
  if (type === 'change_summary' && changes!.operation !== 'plan') {
    const { add, change, remove } = changes!
    return `${stack}: ${add} added, ${change} changed, ${remove} destroyed`
  }
  if (diagnostic?.summary === 'Check block assertion failed') return `warning: ${diagnostic.detail}`
  return undefined
}

/** A resource without what CDKTF appends to its name, and without the provider in its type. */
function nameOf ({ resource_name: name, resource_type: type }: Resource): string {
  const short = name.replace(/_[0-9A-F]{8}$/, '').replace(/_(release|namespace)$/, '')
  return `${short} (${type.replace(/^[a-z]+_/, '').replace(/_v1$/, '')})`
}
