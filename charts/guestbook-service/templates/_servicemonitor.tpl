{{- define "guestbook-service.servicemonitor" -}}
{{- with .Values.serviceMonitor -}}
{{- if .enabled -}}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  {{- include "guestbook-service.metadata" $ | nindent 2 }}
    {{- with .labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  jobLabel: app.kubernetes.io/name
  selector:
    matchLabels:
      {{- include "guestbook-service.selectorLabels" $ | nindent 6 }}
      app.kubernetes.io/component: management
  endpoints:
    - port: management
      path: /metrics
      interval: {{ .interval }}
{{- end -}}
{{- end -}}
{{- end -}}
