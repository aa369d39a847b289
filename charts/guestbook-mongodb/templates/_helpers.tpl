{{/* Short enough for the longest suffix and for the hash that a StatefulSet adds to its pods' labels. */}}
{{- define "guestbook-mongodb.fullname" -}}
{{- .Values.fullnameOverride | default .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Call with (list $ "component"); a component is what tells the members' pods from those of jobs. */}}
{{- define "guestbook-mongodb.selectorLabels" -}}
app.kubernetes.io/name: guestbook-mongodb
app.kubernetes.io/instance: {{ (first .).Release.Name }}
app.kubernetes.io/component: {{ last . }}
{{- end -}}

{{- define "guestbook-mongodb.labels" -}}
{{- $root := first . -}}
{{ include "guestbook-mongodb.selectorLabels" . }}
app.kubernetes.io/part-of: guestbook
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
helm.sh/chart: {{ $root.Chart.Name }}-{{ $root.Chart.Version }}
{{- end -}}

{{- define "guestbook-mongodb.secretName" -}}
{{- .Values.auth.existingSecret | default (include "guestbook-mongodb.fullname" .) -}}
{{- end -}}

{{- define "guestbook-mongodb.image" -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag }}{{ end -}}
{{- end -}}

{{- define "guestbook-mongodb.backupClaim" -}}
{{- .Values.backup.persistence.existingClaim | default (printf "%s-backup" (include "guestbook-mongodb.fullname" .)) -}}
{{- end -}}

{{/* Restricted Pod Security, for every pod of this chart. */}}
{{- define "guestbook-mongodb.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 999
runAsGroup: 999
fsGroup: 999
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "guestbook-mongodb.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Where every pod that runs mongosh finds the scripts and room to write. */}}
{{- define "guestbook-mongodb.scriptMounts" -}}
- name: scripts
  mountPath: /opt/guestbook-mongodb
  readOnly: true
- name: scripts
  mountPath: /etc/mongosh.conf
  subPath: mongosh.conf
  readOnly: true
- name: tmp
  mountPath: /tmp
{{- end -}}

{{- define "guestbook-mongodb.scriptVolumes" -}}
- name: scripts
  configMap:
    name: {{ include "guestbook-mongodb.fullname" . }}-scripts
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
{{- end -}}
