import { releaseOf, services } from '../src/services.ts'
import type { Context } from './context.ts'
import { execInherit, kubectlArgs } from './exec.ts'

/** Follows the logs of the services until Ctrl-C. */
export function logs (context: Context): void {
  execInherit(context, 'kubectl', ...kubectlArgs(
    context, 'logs', '--namespace', 'guestbook', '--follow', '--prefix', '--tail=20',
    '--max-log-requests=20', '--selector',
    `app.kubernetes.io/name in (${services.map(releaseOf).join(',')})`
  ))
}
