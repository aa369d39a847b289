/** Values of charts argo-cd 10 and argocd-apps 2: one Application for each own chart. */
import type { Config } from '../config/schema.ts'
import { workloadsOf } from './guestbook.ts'
import { resources } from './profile.ts'
import { catalogImage } from './registry.ts'

const SERVER = 'https://kubernetes.default.svc'

/** Service accounts that work on the workloads: the controller syncs, the server shows them. */
export const ACCOUNTS = ['argocd-application-controller', 'argocd-server']

/** @param namespace the only one that Argo CD manages */
export function argoCdValues (config: Config, namespace: string) {
  const { mirrors } = config
  return {
    ...(mirrors.registry && {
      global: { image: { repository: `${mirrors.registry}/argoproj/argocd` } }
    }),
    createClusterRoles: false,
    // Removing Argo CD keeps the workloads: their Applications have no finalizer.
    crds: { keep: false },
    configs: {
      clusterCredentials: {
        'in-cluster': {
          server: SERVER,
          namespaces: namespace,
          config: { tlsClientConfig: { insecure: false } }
        }
      },
      // Argo CD ignores kinds that it may not read.
      cm: { 'resource.respectRBAC': 'normal' }
    },
    dex: { enabled: false },
    notifications: { enabled: false },
    applicationSet: { replicas: 0 },
    redis: {
      ...(mirrors.registry && { image: catalogImage(config, 'argo-cd-redis') }),
      resources: resources('10m', '32Mi', '96Mi')
    },
    controller: { resources: resources('50m', '192Mi', '512Mi') },
    server: { resources: resources('20m', '64Mi', '192Mi') },
    repoServer: { resources: resources('20m', '96Mi', '384Mi') }
  }
}

/** Applications that may use one repository and one namespace only. */
export function applicationsValues (config: Config, namespace: string) {
  if (config.delivery.mode !== 'argocd') throw new Error('delivery.mode is not "argocd"')
  const { repository, revision } = config.delivery
  const destination = { namespace, server: SERVER }
  return {
    projects: {
      guestbook: {
        namespace: 'argocd',
        sourceRepos: [repository],
        destinations: [destination],
        clusterResourceWhitelist: [],
        namespaceResourceWhitelist: [{ group: '*', kind: '*' }]
      }
    },
    applications: Object.fromEntries(
      workloadsOf(config).map(({ name, values, service }) => [
        name,
        {
          namespace: 'argocd',
          project: 'guestbook',
          source: {
            repoURL: repository,
            targetRevision: revision,
            path: `charts/${name}`,
            helm: {
              releaseName: name,
              valuesObject: values,
              // The service's workflow writes the file, which names the image.
              ...(service && {
                valueFiles: [`../../infra/argocd/${service.name}.yaml`],
                ignoreMissingValueFiles: true
              })
            }
          },
          destination,
          syncPolicy: {
            automated: { prune: true, selfHeal: true },
            retry: { limit: 10, refresh: true }
          }
        }
      ])
    )
  }
}
