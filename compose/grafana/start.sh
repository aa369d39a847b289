#!/bin/sh
# Gives Grafana the data source, the dashboards and the alert rules, and PagerDuty where there is a key. Without one it would
# not start with the notifications that name it.
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
  echo "WARNING: compose/secrets/pagerduty-integration-key is empty: alerts fire in Grafana, and nobody is paged" >&2
  cp /etc/guestbook/alert-rules/notifications_without_pagerduty.yml /tmp/provisioning/alerting/
fi
exec /run.sh
