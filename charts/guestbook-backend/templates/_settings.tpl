{{/* Generated from the settings of the service by `make charts`. */}}
{{- define "guestbook-backend.settings" -}}
- name: LOG_LEVEL
  value: {{ .Values.logLevel | quote }}
- name: TRUST_PROXY
  value: {{ .Values.trustProxy | quote }}
- name: TRUST_PROXY_HOPS
  value: {{ .Values.trustProxyHops | int64 | quote }}
- name: RATE_LIMIT_POSTS
  value: {{ .Values.rateLimitPosts | int64 | quote }}
- name: MAX_CONNECTIONS
  value: {{ .Values.maxConnections | int64 | quote }}
- name: MAX_READS_IN_FLIGHT
  value: {{ .Values.maxReadsInFlight | int64 | quote }}
- name: MAX_POSTS_IN_FLIGHT
  value: {{ .Values.maxPostsInFlight | int64 | quote }}
- name: MAX_BODY_BYTES_BUFFERED
  value: {{ .Values.maxBodyBytesBuffered | int64 | quote }}
- name: MAX_BODY_BYTES_PER_CLIENT
  value: {{ .Values.maxBodyBytesPerClient | int64 | quote }}
- name: MAX_EVENT_LOOP_DELAY_MS
  value: {{ .Values.maxEventLoopDelayMs | int64 | quote }}
- name: SHUTDOWN_DELAY_MS
  value: {{ .Values.shutdownDelayMs | int64 | quote }}
{{- with .Values.faultsToken.existingSecret }}
{{- if .name }}
- name: FAULTS_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ .name }}
      key: {{ .key }}
{{- end }}
{{- end }}
{{- with .Values.moderatorToken.existingSecret }}
{{- if .name }}
- name: MODERATOR_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ .name }}
      key: {{ .key }}
{{- end }}
{{- end }}
{{- end -}}
