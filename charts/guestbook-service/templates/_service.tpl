{{/* The Service of visitors or clients. A chart without service.type has a ClusterIP. */}}
{{- define "guestbook-service.service" -}}
{{- $type := .Values.service.type | default "ClusterIP" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "guestbook-service.metadata" . | nindent 2 }}
spec:
  type: {{ $type }}
  selector:
    {{- include "guestbook-service.selectorLabels" . | nindent 4 }}
  ports:
    - name: http
      port: {{ .Values.service.port }}
      targetPort: http
      {{- if eq $type "NodePort" }}
      nodePort: {{ .Values.service.nodePort }}
      {{- end }}
{{- end -}}

{{/*
Metrics, probes and faults have their own Service, which no service.type exposes.
Call with a dict: root, managementPort.
*/}}
{{- define "guestbook-service.management" -}}
{{- $service := . -}}
{{- with .root -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "guestbook-service.fullname" . }}-management
  labels:
    {{- include "guestbook-service.labels" . | nindent 4 }}
    app.kubernetes.io/component: management
spec:
  clusterIP: None
  selector:
    {{- include "guestbook-service.selectorLabels" . | nindent 4 }}
  ports:
    - name: management
      port: {{ $service.managementPort }}
      targetPort: management
{{- end -}}
{{- end -}}
