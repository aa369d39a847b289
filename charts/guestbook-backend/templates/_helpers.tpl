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
{{- $reason := "needs mongodb.enabled: the embedded store allows one pod only." -}}
{{- if .Values.autoscaling.enabled -}}
{{- fail (printf "autoscaling.enabled %s" $reason) -}}
{{- end -}}
{{- if gt (int .Values.replicas) 1 -}}
{{- fail (printf "replicas (%v) %s" .Values.replicas $reason) -}}
{{- end -}}
{{- end -}}
{{- end -}}
