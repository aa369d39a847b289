/** Series in promtool's notation. */

/** The number of values before a problem, during it and after it. */
export type Counts = [before: number, during: number, after: number]

/** @param steps pairs of the increase per value and the number of values */
export function counter (...steps: Array<[increase: number, count: number]>): string {
  let value = 0
  return steps.map(([increase, count]) => {
    const notation = `${value}+${increase}x${count}`
    value += increase * (count + 1)
    return notation
  }).join(' ')
}

export const requests = (service: string, status: number) =>
  `http_requests_total{job="guestbook-${service}",status_code="${status}"}`

/** Ten requests per second, of which the share `bad` fails during the problem. */
export function traffic (
  service: string, interval: number, bad: number, [before, during, after]: Counts
) {
  const all = 10 * interval
  return {
    [requests(service, 200)]: counter([all, before], [all * (1 - bad), during], [all, after]),
    [requests(service, 500)]: counter([0, before], [all * bad, during], [0, after])
  }
}

/** Ten requests per second, of which the share `slow` is slow during the problem. */
export function latency (
  service: string, interval: number, slow: number, [before, during, after]: Counts
) {
  const labels = `job="guestbook-${service}",status_code="200"`
  const bucket = (le: string) => `http_request_duration_seconds_bucket{${labels},le="${le}"}`
  const all = 10 * interval
  const every = counter([all, before + during + after + 2])
  const fast = counter([all, before], [all * (1 - slow), during], [all, after])
  return {
    [bucket('0.3')]: fast,
    [bucket('0.5')]: fast,
    [bucket('2.5')]: every,
    [bucket('+Inf')]: every,
    [`http_request_duration_seconds_count{${labels}}`]: every
  }
}
