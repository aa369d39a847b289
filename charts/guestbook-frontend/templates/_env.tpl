{{/* The service's settings, see docs/reference/settings.md. */}}
{{- define "guestbook-frontend.env" -}}
- name: BACKEND_URL
  value: {{ .Values.backendUrl | quote }}
- name: LOG_LEVEL
  value: {{ .Values.logLevel }}
- name: TRUST_PROXY
  value: {{ .Values.trustProxy | quote }}
- name: TRUST_PROXY_HOPS
  value: {{ .Values.trustProxyHops | int64 | quote }}
{{- with .Values.publicOrigin }}
- name: PUBLIC_ORIGIN
  value: {{ . | quote }}
{{- end }}
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
{{- with .Values.otlpEndpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ . | quote }}
{{- end }}
{{- with .Values.faultsToken.existingSecret }}
{{- if .name }}
- name: FAULTS_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ .name }}
      key: {{ .key }}
{{- end }}
{{- end }}
{{- range $name, $value := .Values.extraEnv }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}
