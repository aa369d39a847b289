import type { Config } from '../src/config/schema.ts'
import type { Context } from './context.ts'
import { endpoints } from './endpoints.ts'
import { capture, execInherit, kubectlArgs } from './exec.ts'
import { Failure } from './failure.ts'

/** A user interface or API: behind the ingress, or a Service whose port can be forwarded. */
type Target = { readonly url: string } | { readonly service: string; readonly port: number }

/** Opens the component of the variable NAME. Forwarded ports stay open until Ctrl-C. */
export function open (context: Context): void {
  const targets = targetsOf(context.config)
  const name = context.env.NAME ?? ''
  const target = targets[name]
  if (!target) {
    const names = Object.keys(targets).sort().join(', ')
    throw new Failure(`NAME is "${name}". Deployed components: ${names}`)
  }
  if ('url' in target) {
    console.log(target.url)
    capture(context, process.platform === 'darwin' ? 'open' : 'xdg-open', target.url)
    return
  }
  const { service, port } = target
  console.log(`${name} listens on http://localhost:${port} until Ctrl-C`)
  const args = ['port-forward', '--namespace', 'monitoring', `service/${service}`, `${port}`]
  execInherit(context, 'kubectl', ...kubectlArgs(context, ...args))
}

function targetsOf (config: Config): Record<string, Target> {
  const { logs, traces } = config.monitoring
  return {
    ...Object.fromEntries(
      endpoints(config).reverse().map(({ name, url }) => [name.toLowerCase(), { url }])
    ),
    ...(logs !== 'off' && { loki: { service: 'loki', port: 3100 } }),
    ...(traces && { tempo: { service: 'tempo', port: 3200 } })
  }
}
