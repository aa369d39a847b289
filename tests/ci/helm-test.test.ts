import { expect, test } from '@jest/globals'
import { Checkout } from './checkout.ts'
import { ROOT } from './repository.ts'

const CONFIG =
  'target: { type: context, context: there, kubeconfig: /nowhere }\nimages: { repository: ' +
  'registry.example }\n'

/** `make helm-test` with a stand-in for helm. */
async function helmTest (helm: string) {
  const place = new Checkout([], { helm })
  place.write('local.yaml', CONFIG)
  const result = await place.run('node', [`${ROOT}scripts/helm-test.ts`], {
    GUESTBOOK_CONFIG: `${place.folder}/local.yaml`
  })
  return { ...result, calls: place.calls }
}
const there = '--kubeconfig /nowhere --kube-context there --namespace guestbook'

test('runs the tests of every release there is, on the cluster of the settings', async () => {
  expect(
    await helmTest('[ $1 != list ] || printf "guestbook-backend\\nguestbook-frontend\\n"')
  ).toMatchObject({
    status: 0,
    calls: [
      `helm list --short ${there}`,
      `helm test guestbook-backend --timeout 3m ${there}`,
      `helm test guestbook-frontend --timeout 3m ${there}`
    ]
  })
})

test('a release whose test fails is named', async () => {
  expect(await helmTest('[ $1 = list ] && echo guestbook-backend')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^make helm-test: Command failed: helm test guestbook-backend /)
  })
})

test('names the alternative where Helm has no release', async () => {
  expect(await helmTest('')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('`make smoke` runs the same checks'),
    calls: [`helm list --short ${there}`]
  })
})
