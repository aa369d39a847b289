import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1/index.js'
import { Fn } from 'cdktf'
import { Construct } from 'constructs'
import { ROOT } from '../paths.ts'

export interface FilesProps {
  readonly namespace: string
  /** Label by which Grafana's sidecars find the ConfigMaps, as `name: "1"`. */
  readonly label: string
  /** Paths from the root of the repository. Each file becomes a ConfigMap. */
  readonly paths: readonly string[]
}

/**
 * Files for Grafana, as ConfigMaps. Terraform reads the files, so text that looks like a variable
 * of Terraform, Helm or Grafana is not replaced.
 */
export class Files extends Construct {
  constructor (scope: Construct, id: string, { namespace, label, paths }: FilesProps) {
    super(scope, id)
    for (const path of paths) {
      const file = path.slice(path.lastIndexOf('/') + 1)
      configMap(this, { namespace, label, file, content: Fn.file(`${ROOT}/${path}`) })
    }
  }
}

/** One ConfigMap with one file, named after it. */
export function configMap (
  scope: Construct,
  {
    namespace,
    label,
    file,
    content
  }: { namespace: string; label: string; file: string; content: string }
): ConfigMapV1 {
  const name = `${label}-${file.replace(/\.\w+$/, '')}`.replaceAll('_', '-').toLowerCase()
  return new ConfigMapV1(scope, name, {
    metadata: { name, namespace, labels: { [label]: '1' } },
    data: { [file]: content }
  })
}
