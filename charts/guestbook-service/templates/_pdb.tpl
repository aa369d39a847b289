{{- define "guestbook-service.pdb" -}}
{{- if or .Values.autoscaling.enabled (gt (int .Values.replicas) 1) -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "guestbook-service.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ .Values.podDisruptionBudget.maxUnavailable }}
  # An unready pod serves no requests: it must not block draining its node.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "guestbook-service.selectorLabels" . | nindent 6 }}
{{- end -}}
{{- end -}}
