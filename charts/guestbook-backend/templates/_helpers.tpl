{{- define "guestbook-backend.env" -}}
{{- include "guestbook-backend.settings" . }}
{{- if .Values.mongodb.enabled }}
- name: MONGODB_URI
  valueFrom:
    secretKeyRef:
      {{- toYaml .Values.mongodb.existingSecret | nindent 6 }}
{{- else }}
- name: DATA_DIR
  value: /data
{{- end }}
{{- end -}}

{{/* Fails for combinations of values that the schema cannot rule out. */}}
{{- define "guestbook-backend.validate" -}}
{{- if not .Values.mongodb.enabled -}}
{{- if .Values.autoscaling.enabled -}}
{{- fail "autoscaling.enabled needs mongodb.enabled: the embedded store belongs to one pod" -}}
{{- end -}}
{{- if gt (int .Values.replicas) 1 -}}
{{- fail (printf "replicas is %v, which needs mongodb.enabled: the embedded store belongs to one pod" .Values.replicas) -}}
{{- end -}}
{{- end -}}
{{- end -}}
