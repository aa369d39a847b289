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

{{/* Constant during the lifetime of a release: a Deployment's selector is immutable. */}}
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
{{- $tag := .tag | default $.Chart.AppVersion -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ $tag }}{{ end }}
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
{{- with .Values -}}
{{- $minimum := add 15 (ceil (divf .shutdownDelayMs 1000)) -}}
{{- if lt (int64 .terminationGracePeriodSeconds) $minimum -}}
{{- $message := "terminationGracePeriodSeconds is %v. shutdownDelayMs %v needs at least %d." -}}
{{- fail (printf $message .terminationGracePeriodSeconds .shutdownDelayMs $minimum) -}}
{{- end -}}
{{- with .autoscaling -}}
{{- if gt (int64 .minReplicas) (int64 .maxReplicas) -}}
{{- $message := "autoscaling.minReplicas (%v) is greater than autoscaling.maxReplicas (%v)." -}}
{{- fail (printf $message .minReplicas .maxReplicas) -}}
{{- end -}}
{{- end -}}
{{- $hosts := .ingress.hosts -}}
{{- range $host, $_ := .ingress.tlsSecrets -}}
{{- if not (has $host $hosts) -}}
{{- fail (printf "ingress.tlsSecrets names the host %s. Add it to ingress.hosts." $host) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
