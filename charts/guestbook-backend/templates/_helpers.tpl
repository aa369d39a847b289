{{/* Name of the objects; suffixes such as "-management" still fit into 63 characters. */}}
{{- define "guestbook-backend.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" (.Release.Name | trunc 30 | trimSuffix "-") .Chart.Name -}}
{{- end -}}
{{- end -}}

{{/* Never changes for a release, since a Deployment's selector cannot. */}}
{{- define "guestbook-backend.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* Without versions, so that only a change of the pods themselves restarts them. */}}
{{- define "guestbook-backend.podLabels" -}}
{{ include "guestbook-backend.selectorLabels" . }}
app.kubernetes.io/part-of: guestbook
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "guestbook-backend.labels" -}}
{{ include "guestbook-backend.podLabels" . }}
{{ include "guestbook-backend.releaseLabels" . }}
{{- end -}}

{{- define "guestbook-backend.releaseLabels" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name (.Chart.Version | replace "+" "_") }}
{{- end -}}

{{- define "guestbook-backend.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end -}}

{{/* The restricted Pod Security Standard, for a pod and for a container. */}}
{{- define "guestbook-backend.podSecurityContext" -}}
runAsNonRoot: true
{{- with .Values.runAsUser }}
runAsUser: {{ . }}
runAsGroup: {{ . }}
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- if not .Values.mongodb.enabled }}
{{- with .Values.runAsUser }}
fsGroup: {{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "guestbook-backend.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Name of the Ingress of a host; a long one is cut and told from others by a hash. Call with a list: fullname, host. */}}
{{- define "guestbook-backend.ingressName" -}}
{{- $host := index . 1 -}}
{{- $name := printf "%s-%s" (index . 0) ($host | replace "*" "any" | replace "." "-") -}}
{{- if gt (len $name) 63 -}}
{{- $name = printf "%s-%s" ($name | trunc 54 | trimSuffix "-") (sha256sum $host | trunc 8) -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{/* Name resolution: the cluster's DNS pods and a cache on the node. */}}
{{- define "guestbook-backend.dnsEgress" -}}
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

{{/* Peers of a NetworkPolicy: all pods of these namespaces. */}}
{{- define "guestbook-backend.namespaces" -}}
- namespaceSelector:
    matchExpressions:
      - key: kubernetes.io/metadata.name
        operator: In
        values: {{ toJson . }}
{{- end -}}

{{/* Port of a URL, or what its scheme means. */}}
{{- define "guestbook-backend.portOf" -}}
{{- $url := urlParse . -}}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) -}}
{{- $port | default (eq $url.scheme "https" | ternary "443" "80") -}}
{{- end -}}

{{/* What a schema of single values cannot say. */}}
{{- define "guestbook-backend.validate" -}}
{{- $least := add 15 (ceil (divf .Values.shutdownDelayMs 1000)) -}}
{{- if lt (int64 .Values.terminationGracePeriodSeconds) $least -}}
{{- fail (printf "terminationGracePeriodSeconds is %v: with shutdownDelayMs %v it must be at least %d" .Values.terminationGracePeriodSeconds .Values.shutdownDelayMs $least) -}}
{{- end -}}
{{- with .Values.autoscaling -}}
{{- if gt (int64 .minReplicas) (int64 .maxReplicas) -}}
{{- fail (printf "autoscaling.minReplicas is %v, more than autoscaling.maxReplicas, %v" .minReplicas .maxReplicas) -}}
{{- end -}}
{{- end -}}
{{- if not .Values.mongodb.enabled -}}
{{- if .Values.autoscaling.enabled -}}
{{- fail "autoscaling.enabled needs mongodb.enabled: the embedded store belongs to one pod" -}}
{{- end -}}
{{- if gt (int .Values.replicas) 1 -}}
{{- fail (printf "replicas is %v, which needs mongodb.enabled: the embedded store belongs to one pod" .Values.replicas) -}}
{{- end -}}
{{- end -}}
{{- range $host, $_ := .Values.ingress.tlsSecrets -}}
{{- if not (has $host $.Values.ingress.hosts) -}}
{{- fail (printf "ingress.tlsSecrets names %s, which is not in ingress.hosts" $host) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/*
Rather in a zone with fewer of the pods. Not as a topology spread constraint: the scheduler takes no account of a node that
lacks the label of any of them, so where there are no zones pods would not be spread over nodes either.
*/}}
{{- define "guestbook-backend.affinity" -}}
podAntiAffinity:
  preferredDuringSchedulingIgnoredDuringExecution:
    - weight: 100
      podAffinityTerm:
        topologyKey: topology.kubernetes.io/zone
        labelSelector:
          matchLabels:
            {{- include "guestbook-backend.selectorLabels" . | nindent 12 }}
{{- end -}}
