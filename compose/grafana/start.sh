#!/bin/sh
# Provisions the data source, dashboards and alert rules of Grafana. Without a PagerDuty key it gets
# other notifications: Grafana does not start with an empty key.
set -eu
mkdir -p /tmp/provisioning/datasources /tmp/provisioning/dashboards /tmp/provisioning/alerting
cp /etc/guestbook/datasources.yml /tmp/provisioning/datasources/
cp /etc/guestbook/dashboards.yml /tmp/provisioning/dashboards/
cp /etc/guestbook/alert-rules/*_alerts.yml /tmp/provisioning/alerting/
PAGERDUTY_INTEGRATION_KEY=$(cat /run/secrets/pagerduty-integration-key)
if [ -n "$PAGERDUTY_INTEGRATION_KEY" ]; then
  export PAGERDUTY_INTEGRATION_KEY
  cp /etc/guestbook/alert-rules/notifications.yml /tmp/provisioning/alerting/
else
  echo 'WARNING: compose/secrets/pagerduty-integration-key is empty: alerts page no one' >&2
  cp /etc/guestbook/alert-rules/notifications_without_pagerduty.yml /tmp/provisioning/alerting/
fi
exec /run.sh
