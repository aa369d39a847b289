{{/* The service's settings, see docs/reference/settings.md. */}}
{{- define "guestbook-backend.env" -}}
- name: LOG_LEVEL
  value: {{ .Values.logLevel }}
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
{{- with .Values.mongodb }}
{{- if .enabled }}
- name: MONGODB_URI
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret.name }}
      key: {{ .existingSecret.key }}
{{- else }}
- name: DATA_DIR
  value: /data
{{- end }}
{{- end }}
{{- with .Values.otlpEndpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ . | quote }}
{{- end }}
{{- range $name, $token := dict "MODERATOR_TOKEN" .Values.moderatorToken "FAULTS_TOKEN" .Values.faultsToken }}
{{- with $token.existingSecret }}
{{- if .name }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef:
      name: {{ .name }}
      key: {{ .key }}
{{- end }}
{{- end }}
{{- end }}
{{- range $name, $value := .Values.extraEnv }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}
