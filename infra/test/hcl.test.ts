import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { writeFiles } from './synth.ts'

beforeEach(() => { process.env.SYNTH_HCL_OUTPUT = 'true' })
afterEach(() => { delete process.env.SYNTH_HCL_OUTPUT })
const hclOf = (stack: string, overrides: object) =>
  writeFiles(overrides, 'dev', read => read(`stacks/${stack}/cdk.tf`))

// `make validate` has Terraform check the HCL; this test needs no Terraform.
test.each([
  ['platform', {}, 'pagerduty_integration_key'],
  ['guestbook', { mongodb: { mode: 'external', cidrs: ['10.0.0.0/8'] } }, 'mongodb_uri']
])('conditions of a secret are blocks in the HCL of %s', (stack, overrides, variable) => {
  const hcl = hclOf(stack, overrides)
  expect(hcl).toMatch(new RegExp('lifecycle \\{\\s+precondition \\{\\s+condition = ' +
    `"\\$\\{can\\(regex\\(.+, var\\.${variable}\\)\\)\\}"`))
  expect(hcl).not.toContain('precondition =')
})

test('the cluster has blocks in HCL, and labels as a map', () => {
  const hcl = hclOf('cluster', { target: { nodeImage: 'kindest/node:v1', workers: 1 } })
  const port = (container: number, host: number) => ['extra_port_mappings {',
    `container_port = ${container}`, `host_port = ${host}`, 'listen_address = "127.0.0.1"', '}']
  const lines = hcl.split('\n').map(line => line.trim()).filter(Boolean)
  expect(lines.slice(lines.indexOf('resource "kind_cluster" "cluster" {'),
    lines.findIndex(line => line.startsWith('output')))).toEqual([
    'resource "kind_cluster" "cluster" {',
    'name = "guestbook"',
    'node_image = "kindest/node:v1"',
    'wait_for_ready = true',
    'kubeconfig_path = "../../../state/dev/kubeconfig"',
    'kind_config {',
    'kind = "Cluster"',
    'api_version = "kind.x-k8s.io/v1alpha4"',
    'node {', 'role = "control-plane"', 'labels = {', 'ingress-ready = "true"', '}',
    ...port(80, 80), ...port(443, 443), ...port(30002, 30002), '}',
    'node {', 'role = "worker"', '}',
    '}',
    'depends_on = [', '"terraform_data.network",', ']',
    '}'
  ])
})
