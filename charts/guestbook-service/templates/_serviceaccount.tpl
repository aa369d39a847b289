{{- define "guestbook-service.serviceaccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "guestbook-service.metadata" . | nindent 2 }}
automountServiceAccountToken: false
{{- end -}}
