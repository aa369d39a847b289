import { RoleBindingV1 } from '@cdktf/provider-kubernetes/lib/role-binding-v1/index.js'
import { RoleV1 } from '@cdktf/provider-kubernetes/lib/role-v1/index.js'
import { ServiceAccountV1 } from '@cdktf/provider-kubernetes/lib/service-account-v1/index.js'
import { Construct } from 'constructs'
import { Namespace } from './namespace.ts'

export const DEPLOYER = 'guestbook-deployer'

const everything = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']
const look = ['get', 'list', 'watch']

/** What the stack guestbook needs: the kinds that its charts hold, Helm's records, and a look at what becomes of them. */
export const rules = [
  { apiGroups: [''], resources: ['namespaces'], verbs: ['get'] }, // in a Role that is its own; Argo CD looks at it before it makes Roles
  {
    apiGroups: [''],
    resources: ['services', 'serviceaccounts', 'configmaps', 'secrets', 'persistentvolumeclaims'],
    verbs: everything
  },
  { apiGroups: [''], resources: ['pods', 'pods/log', 'events'], verbs: look },
  { apiGroups: [''], resources: ['pods'], verbs: ['create', 'delete'] }, // helm test
  { apiGroups: ['apps'], resources: ['deployments', 'statefulsets'], verbs: everything },
  { apiGroups: ['apps'], resources: ['replicasets', 'controllerrevisions'], verbs: look },
  { apiGroups: ['batch'], resources: ['jobs', 'cronjobs'], verbs: everything },
  {
    apiGroups: ['networking.k8s.io'],
    resources: ['ingresses', 'networkpolicies'],
    verbs: everything
  },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: everything },
  { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: everything },
  {
    apiGroups: ['rbac.authorization.k8s.io'],
    resources: ['roles', 'rolebindings'],
    verbs: everything
  },
  { apiGroups: ['monitoring.coreos.com'], resources: ['servicemonitors'], verbs: everything }
]

/**
 * The guestbook's namespace and who may deploy into it: an account that can do what the stack guestbook does, and nothing
 * in any other namespace.
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
