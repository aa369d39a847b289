import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildApp } from '../src/app.ts'
import { loadConfig } from '../src/config/load.ts'
import { inFolder } from './folder.ts'

// `make validate` has Terraform check the HCL; this test needs no Terraform.
test.each([
  ['platform', {}, 'pagerduty_integration_key'],
  ['guestbook', { mongodb: { mode: 'external', cidrs: ['10.0.0.0/8'] } }, 'mongodb_uri']
])(
  'conditions of a secret are blocks in the HCL of %s, with its variable',
  (stack, overrides, variable) => {
    process.env.SYNTH_HCL_OUTPUT = 'true'
    try {
      const images = {
        backend: { repository: 'b', tag: '1' },
        frontend: { repository: 'f', tag: '1' }
      }
      const hcl = inFolder(outdir => {
        buildApp(loadConfig('dev', overrides), { images, outdir }).synth()
        return readFileSync(join(outdir, 'stacks', stack, 'cdk.tf'), 'utf8')
      })
      expect(hcl).toMatch(
        new RegExp(
          'lifecycle \\{\\s+precondition \\{\\s+condition = ' +
            `"\\$\\{can\\(regex\\(.+, var\\.${variable}\\)\\)\\}"`
        )
      )
      expect(hcl).not.toContain('precondition =')
    } finally {
      delete process.env.SYNTH_HCL_OUTPUT
    }
  }
)

test('the cluster has blocks in HCL, and labels as a map', () => {
  process.env.SYNTH_HCL_OUTPUT = 'true'
  try {
    const images = {
      backend: { repository: 'b', tag: '1' },
      frontend: { repository: 'f', tag: '1' }
    }
    const hcl = inFolder(outdir => {
      const config = loadConfig('dev', { target: { nodeImage: 'kindest/node:v1', workers: 1 } })
      buildApp(config, { images, outdir }).synth()
      return readFileSync(join(outdir, 'stacks/cluster/cdk.tf'), 'utf8')
    })
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
  } finally {
    delete process.env.SYNTH_HCL_OUTPUT
  }
})
