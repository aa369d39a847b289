/** `make e2e-infra`: deploys, switches to Argo CD and back, and destroys the platform. */
import { deployByCommit, switchToArgoCd, switchToHelm } from './delivery.ts'
import { assertNoDeployment, Deployment } from './deployment.ts'
import {
  buildImages,
  checkNoChanges,
  checkNothingLeft,
  interruptAndResume,
  nodeVolumes
} from './life.ts'
import { Repository, URL_IN_CLUSTER } from './repository.ts'
import { Steps } from './steps.ts'
import { post } from './visitors.ts'

if (process.argv.includes('--help')) {
  console.log(`Usage: make e2e-infra
Deploys to a Kind cluster of its own, switches to Argo CD and back under traffic, interrupts a
deployment and destroys the platform. It takes about 15 minutes. The output of make is in
reports/e2e-infra.
Environment:
  GUESTBOOK_CONFIG   a YAML file with settings of this computer: ports, and sources of charts and
                     images`)
  process.exit()
}

const steps = new Steps()
try {
  assertNoDeployment()
  const byHelm = new Deployment('helm')
  const byArgoCd = new Deployment('argocd', {
    delivery: { mode: 'argocd', repository: URL_IN_CLUSTER }
  })
  const twoBackends = () => new Deployment('two-backends', { guestbook: { backendReplicas: 2 } })
  using repository = new Repository(byHelm)
  const expectNoChanges = async (deployment: Deployment) => {
    await steps.run('make plan without changes', async () => await checkNoChanges(deployment))
  }

  await steps.run('build the images', buildImages)
  await steps.run('make up, first time', async () => await byHelm.make('up'))
  const volumes = await nodeVolumes()
  await expectNoChanges(byHelm)
  await steps.run('post a message', async () => await post(byHelm))

  await steps.run('serve the charts from Git', async () => await repository.serve())
  await steps.run('make up with Argo CD', async () =>
    await switchToArgoCd(byHelm, byArgoCd, repository)
  )
  await expectNoChanges(byArgoCd)
  await steps.run('deploy by a commit', async () => await deployByCommit(byArgoCd, repository))
  await steps.run('make up with Helm', async () => await switchToHelm(byHelm))
  await expectNoChanges(byHelm)

  await steps.run('interrupt make up, and run it again', async () =>
    await interruptAndResume(twoBackends())
  )
  await steps.run('make up without changes', async () => await twoBackends().make('up'))
  await steps.run('make down', async () => await byHelm.make('down'))
  await checkNothingLeft(volumes)
} catch (error) {
  console.error((error as Error).message)
  if (steps.begun) {
    console.error(
      'The platform is still there. To inspect or destroy it: ' +
        'GUESTBOOK_CONFIG=reports/e2e-infra/helm.yaml make status (or down)'
    )
  }
  process.exitCode = 1
}
if (steps.begun) steps.print()
