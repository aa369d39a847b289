import { expect, test } from '@jest/globals'
import { open } from '../../cli/open.ts'
import { fakePrograms } from './fake-programs.ts'

const BROWSER = process.platform === 'darwin' ? 'open' : 'xdg-open'

/** Runs the command with fake programs for the browser and kubectl. */
function run (name: string | undefined, settings: object = {}, browser = '') {
  const programs = { [BROWSER]: browser, kubectl: '' }
  const { context, calls, ...fake } = fakePrograms(programs, settings, { NAME: name })
  open(context)
  return { ...fake, calls: calls() }
}

test.each([
  ['guestbook', 'http://localhost'],
  ['grafana', 'http://grafana.localhost'],
  ['prometheus', 'http://prometheus.localhost']
])('opens %s behind the ingress', (name, url) => {
  expect(run(name)).toMatchObject({ output: [url], calls: [`${BROWSER} ${url}`] })
})

test('prints the URL where there is no browser', () => {
  expect(run('grafana', {}, 'exit 3').output).toEqual(['http://grafana.localhost'])
})

test.each([['loki', 3100], ['tempo', 3200]])('forwards the port of %s', (name, port) => {
  const { output, calls, kubectl } = run(name)
  expect(output).toEqual([`${name} listens on http://localhost:${port} until Ctrl-C`])
  expect(calls)
    .toEqual([`${kubectl} port-forward --namespace monitoring service/${name} ${port}`])
})

test.each([
  [undefined, {}, 'NAME is "". Deployed components: grafana, guestbook, loki, prometheus, tempo'],
  ['loki', { monitoring: { logs: 'off', traces: false } },
    'NAME is "loki". Deployed components: grafana, guestbook, prometheus']
])('lists the deployed components when NAME is %s', (name, settings, message) => {
  expect(() => run(name, settings)).toThrow(message)
})
