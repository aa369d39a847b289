{{/* Name of all objects: at most 40 characters, since Kubernetes appends to some of them. */}}
{{- define "guestbook-mongodb.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" (.Release.Name | trunc 22 | trimSuffix "-") .Chart.Name -}}
{{- end -}}
{{- end -}}

{{/*
The component distinguishes members and jobs. Selectors are immutable: these labels never change.
Call with (list root component).
*/}}
{{- define "guestbook-mongodb.selectorLabels" -}}
app.kubernetes.io/name: {{ (first .).Chart.Name }}
app.kubernetes.io/instance: {{ (first .).Release.Name }}
app.kubernetes.io/component: {{ last . }}
{{- end -}}

{{/* Without version labels: a new chart version alone must not restart the pods. */}}
{{- define "guestbook-mongodb.podLabels" -}}
{{ include "guestbook-mongodb.selectorLabels" . }}
app.kubernetes.io/part-of: guestbook
{{- with (first .).Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "guestbook-mongodb.labels" -}}
{{- $root := first . -}}
{{ include "guestbook-mongodb.podLabels" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name ($root.Chart.Version | replace "+" "_") }}
{{- end -}}

{{- define "guestbook-mongodb.secretName" -}}
{{- .Values.auth.existingSecret | default (include "guestbook-mongodb.fullname" .) -}}
{{- end -}}

{{- define "guestbook-mongodb.image" -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end }}
{{- end -}}

{{- define "guestbook-mongodb.backupClaim" -}}
{{- $name := include "guestbook-mongodb.fullname" . -}}
{{- .Values.backup.persistence.existingClaim | default (printf "%s-backup" $name) -}}
{{- end -}}

{{/* The restricted Pod Security Standard, for a pod and for a container. */}}
{{- define "guestbook-mongodb.podSecurityContext" -}}
runAsNonRoot: true
{{- with .Values.runAsUser }}
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "guestbook-mongodb.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Shared by the pods of all jobs. */}}
{{- define "guestbook-mongodb.jobPod" -}}
enableServiceLinks: false
restartPolicy: Never
securityContext:
  {{- include "guestbook-mongodb.podSecurityContext" . | nindent 2 }}
{{- with include "guestbook-mongodb.placement" . }}
{{- . }}
{{- end }}
{{- end -}}

{{/* Where pods run. Begins with a line break, or is empty. */}}
{{- define "guestbook-mongodb.placement" -}}
{{- $fields := pick .Values "nodeSelector" "tolerations" }}
{{- range $field, $value := merge $fields (dict "imagePullSecrets" .Values.image.pullSecrets) }}
{{- with $value }}
{{ $field }}:
  {{- if eq $field "imagePullSecrets" }}
  {{- range . }}
  - name: {{ . }}
  {{- end }}
  {{- else }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The scripts, and a writable /tmp. */}}
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

{{/* For programs that connect with the backend's connection string. */}}
{{- define "guestbook-mongodb.clientEnv" -}}
- name: HOME
  value: /tmp
- name: MONGODB_URI
  valueFrom:
    secretKeyRef:
      name: {{ include "guestbook-mongodb.secretName" . }}
      key: uri
{{- end -}}

{{/* DNS: the cluster's DNS pods and a cache on the node. */}}
{{- define "guestbook-mongodb.dnsEgress" -}}
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
      podSelector:
        matchLabels:
          k8s-app: kube-dns
    - ipBlock:
        cidr: 169.254.20.10/32
  ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
{{- end -}}

{{/* Selects the pods of all jobs that connect to MongoDB. */}}
{{- define "guestbook-mongodb.jobs" -}}
matchLabels:
  app.kubernetes.io/name: {{ .Chart.Name }}
  app.kubernetes.io/instance: {{ .Release.Name }}
matchExpressions:
  - key: app.kubernetes.io/component
    operator: In
    values: [backup, restore, test]
{{- end -}}

{{/* Egress rules of members and jobs. */}}
{{- define "guestbook-mongodb.membersEgress" -}}
- to:
    - podSelector:
        matchLabels:
          {{- include "guestbook-mongodb.selectorLabels" (list . "mongodb") | nindent 10 }}
  ports:
    - port: 27017
      protocol: TCP
{{ include "guestbook-mongodb.dnsEgress" . }}
{{- end -}}

{{/* A quantity of memory in bytes. */}}
{{- define "guestbook-mongodb.bytes" -}}
{{- $unit := regexFind "[A-Za-z]*$" . -}}
{{- $factors := dict "" 1 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12
      "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- $factor := get $factors $unit -}}
{{- if $factor }}{{ mulf (float64 (trimSuffix $unit .)) $factor | int64 }}{{ end -}}
{{- end -}}

{{/* Fails for combinations of values that the schema cannot rule out. */}}
{{- define "guestbook-mongodb.validate" -}}
{{- $name := include "guestbook-mongodb.fullname" . -}}
{{- with (.Values.resources.limits | default dict).memory -}}
{{- $limit := include "guestbook-mongodb.bytes" (toString .) -}}
{{- if and $limit (gt (mulf $.Values.cacheSizeMiB 1048576) (mulf 0.6 (float64 $limit))) -}}
{{- $message := "cacheSizeMiB is %v, more than 60 %% of resources.limits.memory (%v)." -}}
{{- fail (printf $message $.Values.cacheSizeMiB .) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.serviceMonitor.enabled (not .Values.metrics.enabled) -}}
{{- fail "serviceMonitor.enabled needs metrics.enabled." -}}
{{- end -}}
{{- if .Values.restore.archive -}}
{{- if not .Values.restore.run -}}
{{- fail "restore.archive needs restore.run: a name for this restore, such as today's date." -}}
{{- end -}}
{{- if not (or .Values.backup.enabled .Values.backup.persistence.existingClaim) -}}
{{- fail "restore.archive needs backup.enabled or backup.persistence.existingClaim." -}}
{{- end -}}
{{- end -}}
{{- with (lookup "apps/v1" "StatefulSet" .Release.Namespace $name) -}}
{{- if gt (int .spec.replicas) (int $.Values.replicas) -}}
{{- $message := "replicas is %v, but %v members run. See \"Fewer members\" in the README." -}}
{{- fail (printf $message $.Values.replicas .spec.replicas) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Prefers zones with fewer of the members. A topology spread constraint on zones would not do: where
nodes lack the zone label, the scheduler would ignore them for every other constraint as well.
*/}}
{{- define "guestbook-mongodb.affinity" -}}
podAntiAffinity:
  preferredDuringSchedulingIgnoredDuringExecution:
    - weight: 100
      podAffinityTerm:
        topologyKey: topology.kubernetes.io/zone
        labelSelector:
          matchLabels:
            {{- include "guestbook-mongodb.selectorLabels" (list . "mongodb") | nindent 12 }}
{{- end -}}
