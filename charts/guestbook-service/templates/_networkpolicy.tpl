{{/*
Denies all traffic except what is listed. Call with a dict:
  root             the root context
  managementPort
  ingressRules     who may connect to the HTTP port, as YAML
  egressRules      the service's own dependencies, as YAML
*/}}
{{- define "guestbook-service.networkpolicy" -}}
{{- $service := . -}}
{{- $root := .root -}}
{{- with .root.Values.networkPolicy -}}
{{- if .enabled -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "guestbook-service.metadata" $root | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "guestbook-service.selectorLabels" $root | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    {{- $service.ingressRules | nindent 4 }}
    {{- with .monitoringNamespaces }}
    - from:
        {{- include "guestbook-service.namespaces" . | nindent 8 }}
      ports:
        - port: {{ $service.managementPort }}
    {{- end }}
  egress:
    {{- with $service.egressRules }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- include "guestbook-service.dnsEgress" . | nindent 4 }}
    {{- if and $root.Values.otlpEndpoint .monitoringNamespaces }}
    - to:
        {{- include "guestbook-service.namespaces" .monitoringNamespaces | nindent 8 }}
      ports:
        - port: {{ include "guestbook-service.portOf" $root.Values.otlpEndpoint }}
    {{- end }}
    {{- with .extraEgress }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* DNS: the cluster's DNS pods and a cache on the node. */}}
{{- define "guestbook-service.dnsEgress" -}}
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

{{/* All pods of these namespaces, as peers of a NetworkPolicy. */}}
{{- define "guestbook-service.namespaces" -}}
- namespaceSelector:
    matchExpressions:
      - key: kubernetes.io/metadata.name
        operator: In
        values: {{ toJson . }}
{{- end -}}

{{/* Port of a URL: the explicit one, or the default of its scheme. */}}
{{- define "guestbook-service.portOf" -}}
{{- $url := urlParse . -}}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) -}}
{{- $port | default (eq $url.scheme "https" | ternary "443" "80") -}}
{{- end -}}
