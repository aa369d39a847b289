{{/*
Name of all objects. It leaves room for suffixes such as "-management" within 63 characters.
*/}}
{{- define "guestbook-service.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" (.Release.Name | trunc 30 | trimSuffix "-") .Chart.Name -}}
{{- end -}}
{{- end -}}

{{/* Constant for the lifetime of a release: Kubernetes forbids changing a Deployment's selector. */}}
{{- define "guestbook-service.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* Without version labels: a new chart version alone must not restart the pods. */}}
{{- define "guestbook-service.podLabels" -}}
{{ include "guestbook-service.selectorLabels" . }}
app.kubernetes.io/part-of: guestbook
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "guestbook-service.labels" -}}
{{ include "guestbook-service.podLabels" . }}
{{ include "guestbook-service.releaseLabels" . }}
{{- end -}}

{{- define "guestbook-service.releaseLabels" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name (.Chart.Version | replace "+" "_") }}
{{- end -}}

{{- define "guestbook-service.metadata" -}}
name: {{ include "guestbook-service.fullname" . }}
labels:
  {{- include "guestbook-service.labels" . | nindent 2 }}
{{- end -}}

{{- define "guestbook-service.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end -}}

{{- define "guestbook-service.pullSecrets" -}}
{{- with .Values.image.pullSecrets -}}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end -}}
{{- end -}}

{{/* The pod's part of the restricted Pod Security Standard. */}}
{{- define "guestbook-service.podSecurityContext" -}}
runAsNonRoot: true
{{- with .Values.runAsUser }}
runAsUser: {{ . }}
runAsGroup: {{ . }}
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* The container's part of the restricted Pod Security Standard. */}}
{{- define "guestbook-service.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Fails for combinations of values that the schema cannot rule out. */}}
{{- define "guestbook-service.validate" -}}
{{- $least := add 15 (ceil (divf .Values.shutdownDelayMs 1000)) -}}
{{- if lt (int64 .Values.terminationGracePeriodSeconds) $least -}}
{{- fail (printf "terminationGracePeriodSeconds is %v: with shutdownDelayMs %v it must be at least %d" .Values.terminationGracePeriodSeconds .Values.shutdownDelayMs $least) -}}
{{- end -}}
{{- with .Values.autoscaling -}}
{{- if gt (int64 .minReplicas) (int64 .maxReplicas) -}}
{{- fail (printf "autoscaling.minReplicas is %v, more than autoscaling.maxReplicas, %v" .minReplicas .maxReplicas) -}}
{{- end -}}
{{- end -}}
{{- range $host, $_ := .Values.ingress.tlsSecrets -}}
{{- if not (has $host $.Values.ingress.hosts) -}}
{{- fail (printf "ingress.tlsSecrets names %s, which is not in ingress.hosts" $host) -}}
{{- end -}}
{{- end -}}
{{- end -}}
