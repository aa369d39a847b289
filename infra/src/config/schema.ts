/**
 * Every setting of a deployment: type, bounds, default and meaning. Ajv validates by this schema,
 * TypeScript takes the types from it, and docs/reference/deployment-settings.md its table.
 */
import type { FromSchema } from 'json-schema-to-ts'
import { image } from '../components.ts'
import { services } from '../services.ts'
import {
  cidr, digest, flag, host, integer, matching, port, registry, section, text, url, variant
} from './json-schema.ts'

/** A setting for each service. */
const byService = <Setting>(setting: (name: string) => Setting, suffix = '') =>
  Object.fromEntries(services.map(({ name }) => [name + suffix, setting(name)]))

const kindTarget = variant(['type'], {
  type: { const: 'kind', description: 'A Kind cluster on this computer.' },
  clusterName: {
    ...matching('^[a-z\\d][a-z\\d.-]{0,40}$', 'lower-case letters, digits, dots and dashes'),
    default: 'guestbook',
    description: 'Name of the Kind cluster.'
  },
  nodeImage: {
    ...matching(':[^/]+$|@sha256:', 'an image with tag or digest'),
    default: image('kind-node'),
    description: 'Image of the nodes. It must fit the kind release inside the provider.'
  },
  workers: {
    ...integer(0, 9),
    default: 0,
    description: 'Nodes besides the control plane, which takes workloads while it is alone.'
  },
  ports: section({
    listenAddress: {
      ...matching('^[\\da-fA-F.:]+$', 'an IP address'),
      default: '127.0.0.1',
      description: 'Address of this computer that listens.'
    },
    http: { ...port, default: 80, description: 'Port of the pages.' },
    https: { ...port, default: 443, description: 'Port of the pages over TLS.' },
    guestbook: {
      ...port, default: 30002, description: 'Port that leads to the guestbook past the ingress.'
    }
  })
})

const contextTarget = variant(['type', 'context'], {
  type: { const: 'context', description: 'An existing cluster.' },
  kubeconfig: { ...text, default: '~/.kube/config', description: 'Kubeconfig file.' },
  context: { ...text, description: 'Context in it.' },
  loadBalancer: flag(
    true,
    'Whether the cluster gives Services of type LoadBalancer an address. If not, the ingress ' +
      'listens on ports 80 and 443 of the nodes labelled `ingress-ready=true`.'
  ),
  metricsServer: {
    enum: ['verified', 'unverified', 'off'],
    default: 'verified',
    description:
      'Whether metrics-server is installed: off where the cluster comes with one, unverified ' +
      'where the certificates of the kubelets are self-signed, as in clusters made by kubeadm.'
  }
})

const replicaSet = variant(['mode'], {
  mode: { const: 'replicaSet', description: 'A replica set in the cluster.' },
  members: {
    enum: [1, 3, 5],
    default: 1,
    description:
      'Members: 1 has no failover, 3 survive the loss of a node. In Kind each needs its own worker.'
  },
  size: {
    ...matching('^\\d+[MGT]i$', 'a size such as 8Gi'),
    default: '8Gi',
    description: 'Volume of each member.'
  },
  backup: flag(false, 'Whether it is dumped to a separate volume every night.')
})

const external = variant(['mode', 'cidrs'], {
  mode: {
    const: 'external',
    description: 'An existing MongoDB; its connection string is the secret mongodb_uri.'
  },
  cidrs: {
    type: 'array',
    items: cidr,
    minItems: 1,
    description: 'Networks of its servers; the backend may reach no others.'
  }
})

const byHelm = variant(['mode'], {
  mode: { const: 'helm', description: 'Terraform owns the Helm releases.' }
})

const byArgoCd = variant(['mode', 'repository'], {
  mode: {
    const: 'argocd',
    description: 'Argo CD owns the workloads, from a Git repository with these charts.'
  },
  repository: {
    ...matching('^(https?|ssh|git|file)://', 'the URL of a Git repository'),
    description: 'URL of the repository.'
  },
  revision: { ...text, default: 'main', description: 'Branch, tag or commit.' }
})

export const Settings = {
  type: 'object',
  additionalProperties: false,
  required: ['target', 'mongodb', 'delivery'],
  properties: {
    target: {
      type: 'object',
      discriminator: { propertyName: 'type' },
      oneOf: [kindTarget, contextTarget]
    },
    images: section({
      repository: {
        ...registry,
        description:
          'Where the images of the services are pushed to and pulled from. Kind needs none: they ' +
          'are loaded into its nodes.'
      },
      build: flag(
        true,
        'Whether a deployment builds them. If not, they must be in the repository already.'
      ),
      tags: {
        ...section(byService(() => text)),
        description: 'Tags instead of the content hashes.'
      },
      digests: {
        ...section(byService(() => digest)),
        description:
          'Digests (`sha256:` and 64 hex digits) of the images in the repository. They take ' +
          'precedence over tags, which can be moved.'
      }
    }),
    mirrors: section({
      registry: {
        ...registry,
        description: 'Registry with the third-party images, under their own paths.'
      },
      charts: {
        ...text,
        description:
          'Folder with the third-party charts, one folder each, instead of their repositories.'
      },
      chartRepositories: {
        type: 'object',
        additionalProperties: text,
        default: {},
        description: 'Other repositories, by chart.'
      },
      preload: {
        type: 'array',
        items: matching('^[\\w.:@/-]+$', 'an image'),
        default: [],
        description:
          "Images of this computer's Docker that are copied into the Kind nodes, which then do " +
          'not pull them.'
      }
    }),
    profile: {
      enum: ['small', 'full'],
      default: 'small',
      description:
        'How much memory and history the platform gets: small fits 6 GiB with 7 days of metrics, ' +
        'full keeps 30 days.'
    },
    ingress: section({
      controller: {
        enum: ['traefik', 'nginx'],
        default: 'traefik',
        description:
          'Controller of the IngressClass nginx: Traefik, or the NGINX Ingress Controller of F5.'
      }
    }),
    hosts: section({
      guestbook: {
        type: 'array',
        items: host,
        minItems: 1,
        default: ['localhost', 'frontend.localhost'],
        description: 'Host names of the pages.'
      },
      grafana: { ...host, default: 'grafana.localhost', description: 'Host name of Grafana.' },
      prometheus: {
        ...host, default: 'prometheus.localhost', description: 'Host name of Prometheus.'
      }
    }),
    monitoring: section({
      prometheus: flag(
        true, 'Prometheus with its operator. Without it there are neither metrics nor alerts.'
      ),
      grafana: flag(true, 'Grafana with dashboards and alerts; without it no alert pages anyone.'),
      traces: flag(true, 'Tempo, and services that send traces to it.'),
      logs: {
        enum: ['promtail', 'alloy', 'off'],
        default: 'promtail',
        description:
          'Log shipper that feeds Loki. Promtail is past its end of life; Alloy yields the same ' +
          'labels.'
      }
    }),
    alerts: section({
      pagerdutyUrl: { ...url, description: "Events API instead of PagerDuty's own, for drills." },
      runbookBaseUrl: { ...url, description: 'Where pages find the runbooks.' }
    }),
    mongodb: {
      type: 'object',
      discriminator: { propertyName: 'mode' },
      oneOf: [replicaSet, external]
    },
    guestbook: section({
      ...byService(
        name => ({ ...integer(1, 50), default: 1, description: `Pods of the ${name}.` }),
        'Replicas'
      ),
      autoscaling: flag(
        false,
        'Whether their number follows the load, from the number above to four times as many.'
      ),
      faultSwitch: flag(
        true,
        'Whether the services take injected faults, by the token in the Secret guestbook-tokens.'
      )
    }),
    delivery: {
      type: 'object',
      discriminator: { propertyName: 'mode' },
      oneOf: [byHelm, byArgoCd]
    },
    state: section({
      backend: {
        enum: ['local', 's3', 'gcs', 'azurerm', 'http', 'pg', 'consul'],
        default: 'local',
        description: 'Where Terraform keeps its state.'
      },
      settings: {
        type: 'object',
        additionalProperties: {
          type: ['string', 'number', 'boolean'], expected: 'text, a number, true or false'
        },
        default: {},
        description:
          "The backend's own settings, passed on unchanged. No credentials: backends read those " +
          'from the environment.'
      }
    })
  }
} as const

/** Settings with every default filled in. */
export type Config = FromSchema<typeof Settings> & { readonly environment: string }

/** The configured digest or tag of a service's image; undefined where build.sh names it. */
export const givenImage = (
  { tags, digests }: Config['images'],
  service: string
): string | undefined => digests[service] ?? tags[service]

/** Pods of a service. */
export const replicasOf = ({ guestbook }: Config, service: string) =>
  (guestbook as Record<string, unknown>)[`${service}Replicas`] as number
