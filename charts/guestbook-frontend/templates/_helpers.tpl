{{/* Labels of the pod of `helm test`. The Service must not select it. */}}
{{- define "guestbook-frontend.testLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}-test
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
