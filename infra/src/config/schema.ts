/** Every setting of a deployment: type, default and meaning in one place. docs/reference/deployment-settings.md gets its table from here. */
import { z } from 'zod'
import { image } from '../components.ts'
import { services } from '../services.ts'

const port = (description: string) => z.int().min(1).max(65535).describe(description)
const text = () => z.string().min(1)
const size = (description: string) =>
  z
    .string()
    .regex(/^\d+[MGT]i$/, 'a size such as 8Gi')
    .describe(description)
const cidr = () => z.string().regex(/^[\da-f.:]+\/\d{1,3}$/i, 'a network such as 10.1.0.0/16')
const digest = () => z.string().regex(/^sha256:[\da-f]{64}$/, 'sha256: and 64 hex digits')
const host = () =>
  z.string().regex(/^[a-z\d-]+(\.[a-z\d-]+)*$/, 'a host name in lower case, without port')

/** A setting for each service. */
const byService = <T> (setting: (name: string) => T, key = (name: string) => name) =>
  Object.fromEntries(services.map(({ name }) => [key(name), setting(name)]))

const kindTarget = z.strictObject({
  type: z.literal('kind').describe('A cluster of its own on this computer.'),
  clusterName: z
    .string()
    .regex(/^[a-z\d][a-z\d.-]{0,40}$/, 'lower-case letters, digits, dots and dashes')
    .default('guestbook')
    .describe('Name of the Kind cluster.'),
  nodeImage: z
    .string()
    .regex(/:[^/]+$|@sha256:/, 'an image with tag or digest')
    .default(image('kind-node'))
    .describe('Image of the nodes. It must fit the kind release inside the provider.'),
  workers: z
    .int()
    .min(0)
    .max(9)
    .default(0)
    .describe('Nodes besides the control plane, which takes workloads while it is alone.'),
  ports: z
    .strictObject({
      listenAddress: z
        .string()
        .regex(/^[\da-f.:]+$/i, 'an IP address')
        .default('127.0.0.1')
        .describe('Address of this computer that listens.'),
      http: port('Port of the pages.').default(80),
      https: port('Port of the pages over TLS.').default(443),
      guestbook: port('Port that leads to the guestbook past the ingress.').default(30002)
    })
    .prefault({})
})

const contextTarget = z.strictObject({
  type: z.literal('context').describe('A cluster that exists.'),
  kubeconfig: text().default('~/.kube/config').describe('Kubeconfig file.'),
  context: text().describe('Context in it.'),
  loadBalancer: z
    .boolean()
    .default(true)
    .describe(
      'Whether the cluster gives Services of type LoadBalancer an address. If not, the ingress listens on ports 80 and 443 of the nodes labelled `ingress-ready=true`.'
    ),
  metricsServer: z
    .enum(['verified', 'unverified', 'off'])
    .default('verified')
    .describe(
      'Whether metrics-server is installed: off where the cluster comes with one, unverified where nobody signs the certificates of the kubelets, as in clusters made by kubeadm.'
    )
})

const inCluster = z.strictObject({
  mode: z.literal('replicaSet').describe('A replica set in the cluster.'),
  members: z
    .union([z.literal(1), z.literal(3), z.literal(5)], '1, 3 or 5')
    .default(1)
    .describe(
      'Members: 1 does without failover, 3 survive the loss of a node. In Kind each takes a worker of its own.'
    ),
  size: size('Volume of each member.').default('8Gi'),
  backup: z
    .boolean()
    .default(false)
    .describe('Whether it is dumped to a volume of its own every night.')
})

const external = z.strictObject({
  mode: z
    .literal('external')
    .describe('A MongoDB elsewhere; its connection string is the secret mongodb_uri.'),
  cidrs: z
    .array(cidr())
    .min(1)
    .describe('Networks its servers are in; the backend may reach no others.')
})

const byHelm = z.strictObject({
  mode: z.literal('helm').describe('Terraform owns the three releases.')
})
const byArgoCd = z.strictObject({
  mode: z
    .literal('argocd')
    .describe('Argo CD owns the workloads, from a Git repository with these charts.'),
  repository: z
    .string()
    .regex(/^(https?|ssh|git|file):\/\//, 'the URL of a Git repository')
    .describe('Its URL.'),
  revision: text().default('main').describe('Branch, tag or commit.')
})

export const Settings = z.strictObject({
  target: z.discriminatedUnion('type', [kindTarget, contextTarget]),
  images: z
    .strictObject({
      repository: z
        .string()
        .regex(/^[\w.-]+(:\d+)?(\/[\w./-]+)*$/, 'a registry and path, without https://')
        .optional()
        .describe(
          'Where our images are pushed to and pulled from. Kind needs none: they are loaded into its nodes.'
        ),
      build: z
        .boolean()
        .default(true)
        .describe(
          'Whether a deployment builds them. If not, they must be in the repository already.'
        ),
      tags: z
        .strictObject(byService(() => text().optional()))
        .prefault({})
        .describe('Tags instead of the content hashes.'),
      digests: z
        .strictObject(byService(() => digest().optional()))
        .prefault({})
        .describe(
          'Digests (`sha256:` and 64 hex digits) that the images have in the repository. They go before tags, which could be moved.'
        )
    })
    .prefault({}),
  mirrors: z
    .strictObject({
      registry: z
        .string()
        .regex(/^[\w.-]+(:\d+)?(\/[\w./-]+)*$/, 'a registry and path, without https://')
        .optional()
        .describe('Registry that has the images of others, under their own paths.'),
      charts: text()
        .optional()
        .describe(
          'Folder with the charts of others, one folder each, instead of their repositories.'
        ),
      chartRepositories: z
        .record(z.string(), text())
        .default({})
        .describe('Other repositories, by chart.'),
      preload: z
        .array(z.string().regex(/^[\w.:@/-]+$/, 'an image'))
        .default([])
        .describe(
          "Images of this computer's Docker that are copied into the Kind nodes, which then pull them from nowhere."
        )
    })
    .prefault({}),
  profile: z
    .enum(['small', 'full'])
    .default('small')
    .describe(
      'How much memory and history the platform gets: small fits 6 GiB with 7 days of metrics, full keeps 30 days.'
    ),
  ingress: z
    .strictObject({
      controller: z
        .enum(['traefik', 'nginx'])
        .default('traefik')
        .describe(
          'Who serves the IngressClass nginx: Traefik, or the NGINX Ingress Controller of F5.'
        )
    })
    .prefault({}),
  hosts: z
    .strictObject({
      guestbook: z
        .array(host())
        .min(1)
        .default(['localhost', 'frontend.localhost'])
        .describe('Host names of the pages.'),
      grafana: host().default('grafana.localhost').describe('Host name of Grafana.'),
      prometheus: host().default('prometheus.localhost').describe('Host name of Prometheus.')
    })
    .prefault({}),
  monitoring: z
    .strictObject({
      prometheus: z
        .boolean()
        .default(true)
        .describe(
          'Prometheus with its operator. Without it there are neither metrics nor alerts.'
        ),
      grafana: z
        .boolean()
        .default(true)
        .describe('Grafana with dashboards and alerts; without it nobody is paged.'),
      traces: z.boolean().default(true).describe('Tempo, and services that send traces to it.'),
      logs: z
        .enum(['promtail', 'alloy', 'off'])
        .default('promtail')
        .describe(
          'Who ships the logs to Loki. Promtail is past its end of life; Alloy yields the same labels.'
        )
    })
    .prefault({}),
  alerts: z
    .strictObject({
      pagerdutyUrl: z
        .url()
        .optional()
        .describe("Events API instead of PagerDuty's own, for drills."),
      runbookBaseUrl: z.url().optional().describe('Where pages find the runbooks.')
    })
    .prefault({}),
  mongodb: z.discriminatedUnion('mode', [inCluster, external]),
  guestbook: z
    .strictObject({
      ...byService(name => z.int().min(1).max(50).default(1).describe(`Pods of the ${name}.`),
        name => `${name}Replicas`),
      autoscaling: z
        .boolean()
        .default(false)
        .describe(
          'Whether their number follows the load, from the number above to four times as many.'
        ),
      faultSwitch: z
        .boolean()
        .default(true)
        .describe(
          'Whether the services take injected faults, ' +
            'by the token in the Secret guestbook-tokens.'
        )
    })
    .prefault({}),
  delivery: z.discriminatedUnion('mode', [byHelm, byArgoCd]),
  state: z
    .strictObject({
      backend: z
        .enum(['local', 's3', 'gcs', 'azurerm', 'http', 'pg', 'consul'])
        .default('local')
        .describe('Where Terraform keeps its state.'),
      settings: z
        .record(
          z.string(),
          z.union([z.string(), z.number(), z.boolean()], 'text, a number, true or false')
        )
        .default({})
        .describe(
          "The backend's own settings, passed on as they are. No credentials: backends read those from the environment."
        )
    })
    .prefault({})
})

/** Settings with every default filled in. */
export type Config = z.output<typeof Settings> & { readonly environment: string }
/** Settings as an environment writes them: what it leaves out has its default. */
export type ConfigInput = Partial<z.input<typeof Settings>>

/** What the settings call the image of a service by: its digest, else its tag. @returns undefined where build.sh is to name it */
export const givenImage = (
  { tags, digests }: Config['images'],
  service: string
): string | undefined => digests[service] ?? tags[service]

/** Pods of a service. */
export const replicasOf = ({ guestbook }: Config, service: string) =>
  (guestbook as Record<string, unknown>)[`${service}Replicas`] as number
