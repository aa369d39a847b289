{{/* Name of the objects; suffixes such as "-management" still fit into 63 characters. */}}
{{- define "guestbook-frontend.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" (.Release.Name | trunc 30 | trimSuffix "-") .Chart.Name -}}
{{- end -}}
{{- end -}}

{{/* Never changes for a release, since a Deployment's selector cannot. */}}
{{- define "guestbook-frontend.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* Without versions, so that only a change of the pods themselves restarts them. */}}
{{- define "guestbook-frontend.podLabels" -}}
{{ include "guestbook-frontend.selectorLabels" . }}
app.kubernetes.io/part-of: guestbook
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "guestbook-frontend.labels" -}}
{{ include "guestbook-frontend.podLabels" . }}
{{ include "guestbook-frontend.releaseLabels" . }}
{{- end -}}

{{/* Of the pod that `helm test` runs: not the selector's, else visitors would be sent to it. */}}
{{- define "guestbook-frontend.testLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}-test
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "guestbook-frontend.releaseLabels" -}}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name (.Chart.Version | replace "+" "_") }}
{{- end -}}

{{- define "guestbook-frontend.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end -}}

{{/* The restricted Pod Security Standard, for a pod and for a container. */}}
{{- define "guestbook-frontend.podSecurityContext" -}}
runAsNonRoot: true
{{- with .Values.runAsUser }}
runAsUser: {{ . }}
runAsGroup: {{ . }}
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "guestbook-frontend.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Name of the Ingress of a host; a long one is cut and told from others by a hash. Call with a list: fullname, host. */}}
{{- define "guestbook-frontend.ingressName" -}}
{{- $host := index . 1 -}}
{{- $name := printf "%s-%s" (index . 0) ($host | replace "*" "any" | replace "." "-") -}}
{{- if gt (len $name) 63 -}}
{{- $name = printf "%s-%s" ($name | trunc 54 | trimSuffix "-") (sha256sum $host | trunc 8) -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{/* Name resolution: the cluster's DNS pods and a cache on the node. */}}
{{- define "guestbook-frontend.dnsEgress" -}}
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
{{- define "guestbook-frontend.namespaces" -}}
- namespaceSelector:
    matchExpressions:
      - key: kubernetes.io/metadata.name
        operator: In
        values: {{ toJson . }}
{{- end -}}

{{/* Port of a URL, or what its scheme means. */}}
{{- define "guestbook-frontend.portOf" -}}
{{- $url := urlParse . -}}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) -}}
{{- $port | default (eq $url.scheme "https" | ternary "443" "80") -}}
{{- end -}}

{{/* What a schema of single values cannot say. */}}
{{- define "guestbook-frontend.validate" -}}
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

{{/*
Rather in a zone with fewer of the pods. Not as a topology spread constraint: the scheduler takes no account of a node that
lacks the label of any of them, so where there are no zones pods would not be spread over nodes either.
*/}}
{{- define "guestbook-frontend.affinity" -}}
podAntiAffinity:
  preferredDuringSchedulingIgnoredDuringExecution:
    - weight: 100
      podAffinityTerm:
        topologyKey: topology.kubernetes.io/zone
        labelSelector:
          matchLabels:
            {{- include "guestbook-frontend.selectorLabels" . | nindent 12 }}
{{- end -}}
