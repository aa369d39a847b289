import { expect, test } from '@jest/globals'
import { TIME_BUDGET } from '../../services/service-kit/src/time-budget.ts'
import { loadConfig } from '../src/config/load.ts'
import { nginxValues, traefikValues } from '../src/values/ingress.ts'

/** Both ingress controllers wait this long for an answer by default (proxy_read_timeout). */
const INGRESS_READ_MS = 60_000
const config = loadConfig('dev')

test('the ingress waits longer for an answer than the time budgets of posts and pages', () => {
  expect(INGRESS_READ_MS).toBeGreaterThan(TIME_BUDGET.postMs + TIME_BUDGET.pageMs)
})

test.each([
  ['Traefik', traefikValues(config).providers.kubernetesIngressNGINX.proxyConnectTimeout],
  ['nginx', parseInt(nginxValues(config).controller.config.entries['proxy-connect-timeout'])]
])(
  '%s tries another pod within the time of a page',
  (_controller, connectSeconds) => {
    expect(connectSeconds * 1000).toBeLessThanOrEqual(TIME_BUDGET.pageMs)
  }
)
