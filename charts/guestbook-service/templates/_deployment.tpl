{{/*
Call with a dict:
  root         the root context
  container    name of the container
  httpPort     port of the API or the pages
  managementPort
  env          environment variables of this service, as YAML
  dataVolume   whether the pod owns a volume with data, so that there is one pod at most
*/}}
{{- define "guestbook-service.deployment" -}}
{{- $service := . -}}
{{- with .root -}}
{{- include "guestbook-service.validate" . -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "guestbook-service.metadata" . | nindent 2 }}
spec:
  {{- if not .Values.autoscaling.enabled }}
  replicas: {{ .Values.replicas }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "guestbook-service.selectorLabels" . | nindent 6 }}
  {{- if $service.dataVolume }}
  # Two pods must never use the volume at the same time.
  strategy:
    type: Recreate
  {{- else }}
  # A new pod is ready before an old one stops.
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 0
      maxSurge: 1
  {{- end }}
  template:
    metadata:
      labels:
        {{- include "guestbook-service.podLabels" . | nindent 8 }}
      {{- with .Values.podAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      serviceAccountName: {{ include "guestbook-service.fullname" . }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
      {{- with include "guestbook-service.pullSecrets" . }}
      {{- . | nindent 6 }}
      {{- end }}
      securityContext:
        {{- include "guestbook-service.podSecurityContext" . | nindent 8 }}
        {{- if and $service.dataVolume .Values.runAsUser }}
        fsGroup: {{ .Values.runAsUser }}
        {{- end }}
      containers:
        - name: {{ $service.container }}
          image: {{ include "guestbook-service.image" . | quote }}
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          ports:
            - name: http
              containerPort: {{ $service.httpPort }}
            - name: management
              containerPort: {{ $service.managementPort }}
          # Not in a ConfigMap: a changed setting rolls the pods, and a rollback restores it.
          env:
            {{- $service.env | nindent 12 }}
            {{- with .Values.otlpEndpoint }}
            - name: OTEL_EXPORTER_OTLP_ENDPOINT
              value: {{ . | quote }}
            {{- end }}
            {{- range $name, $value := .Values.extraEnv }}
            - name: {{ $name }}
              value: {{ $value | quote }}
            {{- end }}
          # Probes that restart a pod ignore MongoDB and the backend: a restart would not help.
          startupProbe:
            httpGet:
              path: /health
              port: management
            periodSeconds: 1
            timeoutSeconds: 5
            failureThreshold: 60
          livenessProbe:
            httpGet:
              path: /health
              port: management
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 3
          readinessProbe:
            httpGet:
              path: /ready
              port: management
            periodSeconds: 5
            timeoutSeconds: 3
            failureThreshold: 2
          securityContext:
            {{- include "guestbook-service.securityContext" . | nindent 12 }}
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
          volumeMounts:
            - name: tmp
              mountPath: /tmp
            {{- if $service.dataVolume }}
            - name: data
              mountPath: /data
            {{- end }}
      volumes:
        - name: tmp
          emptyDir:
            sizeLimit: 16Mi
        {{- if $service.dataVolume }}
        - name: data
          persistentVolumeClaim:
            claimName: {{ include "guestbook-service.fullname" . }}
        {{- end }}
      topologySpreadConstraints:
        - topologyKey: kubernetes.io/hostname
          maxSkew: 1
          whenUnsatisfiable: {{ .Values.topologySpread.whenUnsatisfiable }}
          labelSelector:
            matchLabels:
              {{- include "guestbook-service.selectorLabels" . | nindent 14 }}
          # Counts pods per revision: old pods must not push new ones aside.
          matchLabelKeys: [pod-template-hash]
      {{- with .Values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      affinity:
        {{- $affinity := include "guestbook-service.affinity" . | fromYaml }}
        {{- mergeOverwrite $affinity .Values.affinity | toYaml | nindent 8 }}
{{- end -}}
{{- end -}}

{{/*
Prefers zones with fewer of the pods. A topology spread constraint on zones would not do: where
nodes lack the zone label, the scheduler would ignore them for every other constraint as well.
*/}}
{{- define "guestbook-service.affinity" -}}
podAntiAffinity:
  preferredDuringSchedulingIgnoredDuringExecution:
    - weight: 100
      podAffinityTerm:
        topologyKey: topology.kubernetes.io/zone
        labelSelector:
          matchLabels:
            {{- include "guestbook-service.selectorLabels" . | nindent 12 }}
{{- end -}}
