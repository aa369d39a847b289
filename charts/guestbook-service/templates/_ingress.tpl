{{/* One Ingress for each host. */}}
{{- define "guestbook-service.ingress" -}}
{{- $name := include "guestbook-service.fullname" . -}}
{{- with .Values.ingress -}}
{{- if .enabled -}}
{{- $ingress := . -}}
{{- range $host := .hosts }}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ include "guestbook-service.ingressName" (list $name $host) }}
  labels:
    {{- include "guestbook-service.labels" $ | nindent 4 }}
  {{- with $ingress.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  ingressClassName: {{ $ingress.className }}
  {{- with get $ingress.tlsSecrets $host }}
  tls:
    - hosts:
        - {{ $host | quote }}
      secretName: {{ . }}
  {{- end }}
  rules:
    - host: {{ $host | quote }}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {{ $name }}
                port:
                  name: http
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Name of a host's Ingress; a hash ends a long name. Call with (list fullname host). */}}
{{- define "guestbook-service.ingressName" -}}
{{- $host := last . -}}
{{- $name := printf "%s-%s" (first .) ($host | replace "*" "any" | replace "." "-") -}}
{{- if gt (len $name) 63 -}}
{{- $name = printf "%s-%s" ($name | trunc 54 | trimSuffix "-") (sha256sum $host | trunc 8) -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{/* For NOTES.txt: one URL per host, each on a new line. Call with (list root path). */}}
{{- define "guestbook-service.ingressURLs" -}}
{{- with (first .).Values.ingress -}}
{{- if .enabled -}}
{{- $tlsSecrets := .tlsSecrets -}}
{{- range .hosts }}
  {{ hasKey $tlsSecrets . | ternary "https" "http" }}://{{ . }}{{ last $ }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
