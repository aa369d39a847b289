{{/* Name of the objects. At most 40 characters, since Kubernetes adds to a CronJob's and a StatefulSet's own suffixes. */}}
{{- define "guestbook-mongodb.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" (.Release.Name | trunc 22 | trimSuffix "-") .Chart.Name -}}
{{- end -}}
{{- end -}}

{{/* Call with (list $ "component"): the component tells members from jobs. Never changes, since a selector cannot. */}}
{{- define "guestbook-mongodb.selectorLabels" -}}
app.kubernetes.io/name: {{ (first .).Chart.Name }}
app.kubernetes.io/instance: {{ (first .).Release.Name }}
app.kubernetes.io/component: {{ last . }}
{{- end -}}

{{/* Without versions, so that only a change of the pods themselves restarts them. */}}
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
{{- .Values.backup.persistence.existingClaim | default (printf "%s-backup" (include "guestbook-mongodb.fullname" .)) -}}
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

{{/* What pods of jobs have in common. */}}
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
{{- range $field, $value := dict "imagePullSecrets" .Values.image.pullSecrets "nodeSelector" .Values.nodeSelector "tolerations" .Values.tolerations }}
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

{{/* The scripts, and room to write, for every container that runs them. */}}
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

{{/* For programs that connect as the backend does. */}}
{{- define "guestbook-mongodb.clientEnv" -}}
- name: HOME
  value: /tmp
- name: MONGODB_URI
  valueFrom:
    secretKeyRef:
      name: {{ include "guestbook-mongodb.secretName" . }}
      key: uri
{{- end -}}

{{/* Name resolution: the cluster's DNS pods and a cache on the node. */}}
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

{{/* Selector of the pods of jobs that connect as the backend does. */}}
{{- define "guestbook-mongodb.jobs" -}}
matchLabels:
  app.kubernetes.io/name: {{ .Chart.Name }}
  app.kubernetes.io/instance: {{ .Release.Name }}
matchExpressions:
  - key: app.kubernetes.io/component
    operator: In
    values: [backup, restore, test]
{{- end -}}

{{/* What everything that connects may reach. */}}
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
{{- $factor := get (dict "" 1 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776) $unit -}}
{{- if $factor }}{{ mulf (float64 (trimSuffix $unit .)) $factor | int64 }}{{ end -}}
{{- end -}}

{{/* What a schema of single values cannot say. */}}
{{- define "guestbook-mongodb.validate" -}}
{{- $name := include "guestbook-mongodb.fullname" . -}}
{{- with (.Values.resources.limits | default dict).memory -}}
{{- $limit := include "guestbook-mongodb.bytes" (toString .) -}}
{{- if and $limit (gt (mulf $.Values.cacheSizeMiB 1048576) (mulf 0.6 (float64 $limit))) -}}
{{- fail (printf "cacheSizeMiB is %v: more than 60 %% of resources.limits.memory, %v" $.Values.cacheSizeMiB .) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.serviceMonitor.enabled (not .Values.metrics.enabled) -}}
{{- fail "serviceMonitor.enabled is true: there is nothing to read unless metrics.enabled is true too" -}}
{{- end -}}
{{- if .Values.restore.archive -}}
{{- if not .Values.restore.run -}}
{{- fail "restore.archive is set: restore.run must name this restore, by today's date for instance, so that it happens once" -}}
{{- end -}}
{{- if not (or .Values.backup.enabled .Values.backup.persistence.existingClaim) -}}
{{- fail "restore.archive is set: backup.enabled or backup.persistence.existingClaim must say where backups are" -}}
{{- end -}}
{{- end -}}
{{- with (lookup "apps/v1" "StatefulSet" .Release.Namespace $name) -}}
{{- if gt (int .spec.replicas) (int $.Values.replicas) -}}
{{- fail (printf "replicas is %v, but %v members run: without their votes there would be no primary; see \"Fewer members\" in the README" $.Values.replicas .spec.replicas) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Rather in a zone with fewer of the members. Not as a topology spread constraint: the scheduler takes no account of a node that
lacks the label of any of them, so where there are no zones members would not be spread over nodes either.
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
