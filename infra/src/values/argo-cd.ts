/** Values of charts argo-cd 10 and argocd-apps 2: Argo CD as small as it gets, and one Application for each chart of ours. */
import { component } from '../components.ts'
import type { Config } from '../config/schema.ts'
import { resources } from './profile.ts'

type GitDelivery = Extract<Config['delivery'], { mode: 'argocd' }>

export function argoCdValues (config: Config) {
  return {
    ...(config.mirrors.registry && { global: { image: { repository: `${config.mirrors.registry}/argoproj/argocd`, tag: component('argo-cd').app } } }),
    dex: { enabled: false },
    notifications: { enabled: false },
    applicationSet: { replicas: 0 },
    redis: { resources: resources('10m', '32Mi', '96Mi') },
    controller: { resources: resources('50m', '192Mi', '512Mi') },
    server: { resources: resources('20m', '64Mi', '192Mi') },
    repoServer: { resources: resources('20m', '96Mi', '384Mi') }
  }
}

/** A chart of ours as Argo CD gets it from Git. */
export interface Workload {
  /** Name of the Application, which is the release's name. */
  readonly name: string
  readonly values: object
  /** File in the repository that names the image, written by the service's workflow. @default none */
  readonly imageFile?: string
}

/** Applications that may take charts from one repository and put them into one namespace, and nothing else. */
export function applicationsValues ({ repository, revision }: GitDelivery, namespace: string, workloads: readonly Workload[]) {
  const server = 'https://kubernetes.default.svc'
  return {
    projects: {
      guestbook: {
        namespace: 'argocd',
        sourceRepos: [repository],
        destinations: [{ namespace, server }],
        clusterResourceWhitelist: [],
        namespaceResourceWhitelist: [{ group: '*', kind: '*' }]
      }
    },
    applications: Object.fromEntries(workloads.map(({ name, values, imageFile }) => [name, {
      namespace: 'argocd',
      project: 'guestbook',
      // Without its Application a workload goes, so that Helm can install it again; volumes and the Secret of MongoDB stay.
      finalizers: ['resources-finalizer.argocd.argoproj.io'],
      source: {
        repoURL: repository,
        targetRevision: revision,
        path: `charts/${name}`,
        helm: {
          releaseName: name,
          valuesObject: values,
          ...(imageFile && { valueFiles: [`../../${imageFile}`], ignoreMissingValueFiles: true })
        }
      },
      destination: { namespace, server },
      syncPolicy: { automated: { prune: true, selfHeal: true }, retry: { limit: 10 } }
    }]))
  }
}
