/** `make e2e-infra`: from nothing to a page, to Argo CD and back under traffic, through an interruption, and back to nothing. */
import { Deployment, refuseToOverwrite } from './deployment.ts'
import { handOver, rollOut, takeBack } from './delivery.ts'
import {
  buildImages,
  checkNothingLeft,
  checkNothingToDo,
  interruptAndGoOn,
  remember
} from './life.ts'
import { Repository, URL_IN_CLUSTER } from './repository.ts'
import { Steps } from './steps.ts'
import { sign } from './visitors.ts'

if (process.argv.includes('--help')) {
  console.log(`Usage: make e2e-infra
Deploys on a Kind cluster of its own, switches to Argo CD and back while the page is visited, interrupts a deployment and
takes everything away. About 15 minutes. What make prints is kept in reports/e2e-infra.
Environment:
  GUESTBOOK_CONFIG   a YAML file with settings of this computer: ports, and where charts and images come from`)
  process.exit()
}

const steps = new Steps()
try {
  refuseToOverwrite()
  const byHelm = new Deployment('helm')
  const byArgoCd = new Deployment('argocd', {
    delivery: { mode: 'argocd', repository: URL_IN_CLUSTER }
  })
  using repository = new Repository(byHelm)

  await steps.run('build the images', buildImages)
  await steps.run('make up, from nothing', () => byHelm.make('up'))
  const left = remember()
  await steps.run('make plan: nothing to do', () => checkNothingToDo(byHelm))
  await steps.run('sign the guestbook', () => sign(byHelm))

  await steps.run('serve the charts from Git', () => repository.serve())
  await steps.run('make up, with Argo CD', () => handOver(byHelm, byArgoCd, repository))
  await steps.run('make plan: nothing to do', () => checkNothingToDo(byArgoCd))
  await steps.run('commit another tag, and see it run', () => rollOut(byArgoCd, repository))
  await steps.run('make up, with Helm again', () => takeBack(byHelm))
  await steps.run('make plan: nothing to do', () => checkNothingToDo(byHelm))

  await steps.run('interrupt make up, and run it again', () =>
    interruptAndGoOn(new Deployment('two-backends', { guestbook: { backendReplicas: 2 } }))
  )
  await steps.run('make up, with nothing to do', () =>
    new Deployment('two-backends', { guestbook: { backendReplicas: 2 } }).make('up')
  )
  await steps.run('make down', () => byHelm.make('down'))
  checkNothingLeft(left)
} catch (error) {
  console.error((error as Error).message)
  if (steps.begun) {
    console.error(
      'What there is stays to be looked at: GUESTBOOK_CONFIG=reports/e2e-infra/helm.yaml make status (or down)'
    )
  }
  process.exitCode = 1
}
if (steps.begun) steps.print()
