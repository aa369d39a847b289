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
