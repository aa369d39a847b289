import { RoleBindingV1 } from '@cdktf/provider-kubernetes/lib/role-binding-v1/index.js'
import { RoleV1 } from '@cdktf/provider-kubernetes/lib/role-v1/index.js'
import { ServiceAccountV1 } from '@cdktf/provider-kubernetes/lib/service-account-v1/index.js'
import { Construct } from 'constructs'
import { Namespace } from './namespace.ts'

export const DEPLOYER = 'guestbook-deployer'

const WRITE_VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']
const READ_VERBS = ['get', 'list', 'watch']

/** Rights of the deployer: the objects of the charts, Helm's records, and read access to pods. */
export const rules = [
  // Argo CD reads its namespace before it creates Roles.
  { apiGroups: [''], resources: ['namespaces'], verbs: ['get'] },
  {
    apiGroups: [''],
    resources: ['services', 'serviceaccounts', 'configmaps', 'secrets', 'persistentvolumeclaims'],
    verbs: WRITE_VERBS
  },
  { apiGroups: [''], resources: ['pods', 'pods/log', 'events'], verbs: READ_VERBS },
  { apiGroups: [''], resources: ['pods'], verbs: ['create', 'delete'] }, // helm test
  { apiGroups: ['apps'], resources: ['deployments', 'statefulsets'], verbs: WRITE_VERBS },
  { apiGroups: ['apps'], resources: ['replicasets', 'controllerrevisions'], verbs: READ_VERBS },
  { apiGroups: ['batch'], resources: ['jobs', 'cronjobs'], verbs: WRITE_VERBS },
  {
    apiGroups: ['networking.k8s.io'],
    resources: ['ingresses', 'networkpolicies'],
    verbs: WRITE_VERBS
  },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: WRITE_VERBS },
  { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: WRITE_VERBS },
  {
    apiGroups: ['rbac.authorization.k8s.io'],
    resources: ['roles', 'rolebindings'],
    verbs: WRITE_VERBS
  },
  { apiGroups: ['monitoring.coreos.com'], resources: ['servicemonitors'], verbs: WRITE_VERBS }
]

/**
 * The guestbook's namespace and its deployer: an account with the rights of the stack guestbook,
 * and none in other namespaces.
 */
export class Tenant extends Construct {
  readonly namespace: string
  /** Name of the role that holds the deployer's rights. */
  readonly role: string

  constructor (scope: Construct, id: string) {
    super(scope, id)
    const namespace = new Namespace(this, 'guestbook').name
    this.namespace = namespace
    const metadata = { name: DEPLOYER, namespace }
    new ServiceAccountV1(this, 'account', { metadata, automountServiceAccountToken: false })
    this.role = new RoleV1(this, 'role', { metadata, rule: rules }).metadata.name
    new RoleBindingV1(this, 'binding', {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: this.role },
      subject: [{ kind: 'ServiceAccount', name: DEPLOYER, namespace }]
    })
  }
}
