import type { Case } from '../promtool.ts'
import { latency, traffic } from './series.ts'

const SERVICES = ['frontend', 'backend']
const forServices = (toCase: (service: string) => Case): Case[] => SERVICES.map(toCase)

export const services: Case[] = [
  ...forServices(service => ({
    rule: `${service}-down`,
    when: 'its only replica stops for five minutes',
    interval: '30s',
    series: { [`up{job="guestbook-${service}",instance="a"}`]: '1x9 0x9 1x20' },
    expect: [['5m30s', 'silent'], ['6m30s', 'firing'], ['9m30s', 'firing'], ['11m', 'silent']]
  })),
  {
    rule: 'frontend-down',
    when: 'one replica of two stops',
    interval: '30s',
    series: {
      'up{job="guestbook-frontend",instance="a"}': '1x40',
      'up{job="guestbook-frontend",instance="b"}': '0x40'
    },
    expect: [['15m', 'silent']]
  },
  {
    rule: 'backend-down',
    when: 'all its pods and series disappear',
    interval: '30s',
    series: { 'up{job="guestbook-backend",instance="a"}': '1x9 stale' },
    expect: [['5m30s', 'silent'], ['6m30s', 'firing']]
  },
  ...forServices(service => ({
    rule: `${service}-errors`,
    when: 'every tenth request fails for ten minutes',
    interval: '30s',
    series: traffic(service, 30, 0.1, [19, 40], 19),
    expect: [['12m', 'silent'], ['15m30s', 'firing'], ['19m', 'firing'], ['28m', 'silent']]
  })),
  ...forServices(service => ({
    rule: `${service}-errors`,
    when: 'one of three requests fails',
    interval: '30s',
    series: {
      [`http_requests_total{job="guestbook-${service}",status_code="200"}`]: '0x10 1x10 2x60',
      [`http_requests_total{job="guestbook-${service}",status_code="500"}`]: '0x10 1x70'
    },
    expect: [['6m', 'silent'], ['8m', 'silent'], ['12m', 'silent']]
  })),
  ...forServices(service => ({
    rule: `${service}-latency`,
    when: '20 % of responses take longer than 500 ms for fifteen minutes',
    interval: '30s',
    series: latency(service, 30, 0.2, [19, 29, 40]),
    expect: [['14m', 'silent'], ['18m', 'firing'], ['24m', 'firing'], ['31m', 'silent']]
  })),
  ...forServices(service => ({
    rule: `${service}-latency`,
    when: 'few requests come, and all are slow',
    interval: '30s',
    series: latency(service, 0.002, 1, [0, 80, 0]),
    expect: [['20m', 'silent'], ['40m', 'silent']]
  }))
]
