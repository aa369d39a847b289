import { scenario, type Case } from '../promtool.ts'
import { latency, requests, traffic } from './series.ts'

const ofBoth = (service: string): Case[] => [
  scenario(`${service}-down`, 'its only replica stops for five minutes', '30s', {
    [`up{job="guestbook-${service}",instance="a"}`]: '1x9 0x9 1x20'
  }, { '5m30s': 'silent', '6m30s': 'firing', '9m30s': 'firing', '11m': 'silent' }),
  scenario(
    `${service}-errors`,
    'every tenth request fails for ten minutes',
    '30s',
    traffic(service, 30, 0.1, [19, 19, 40]),
    { '12m': 'silent', '15m30s': 'firing', '19m': 'firing', '28m': 'silent' }
  ),
  scenario(`${service}-errors`, 'one of three requests fails', '30s', {
    [requests(service, 200)]: '0x10 1x10 2x60',
    [requests(service, 500)]: '0x10 1x70'
  }, { '6m': 'silent', '8m': 'silent', '12m': 'silent' }),
  scenario(
    `${service}-latency`,
    '20 % of responses take longer than 500 ms for fifteen minutes',
    '30s',
    latency(service, 30, 0.2, [19, 29, 40]),
    { '14m': 'silent', '18m': 'firing', '24m': 'firing', '31m': 'silent' }
  ),
  scenario(
    `${service}-latency`,
    'few requests come, and all are slow',
    '30s',
    latency(service, 0.002, 1, [0, 80, 0]),
    { '20m': 'silent', '40m': 'silent' }
  )
]

export const services: Case[] = [
  ...['frontend', 'backend'].flatMap(ofBoth),
  scenario('frontend-down', 'one replica of two stops', '30s', {
    'up{job="guestbook-frontend",instance="a"}': '1x40',
    'up{job="guestbook-frontend",instance="b"}': '0x40'
  }, { '15m': 'silent' }),
  scenario('backend-down', 'all its pods and series disappear', '30s', {
    'up{job="guestbook-backend",instance="a"}': '1x9 stale'
  }, { '5m30s': 'silent', '6m30s': 'firing' })
]
