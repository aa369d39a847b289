/** Counter series in promtool's notation. */

/** @param steps pairs of the increase per value and the number of values */
export function counter (...steps: Array<[increase: number, count: number]>): string {
  let value = 0
  return steps.map(([increase, count]) => {
    const notation = `${value}+${increase}x${count}`
    value += increase * (count + 1)
    return notation
  }).join(' ')
}

/** Ten requests per second. The share `bad` fails for `failing` values between good ones. */
export function traffic (
  service: string,
  interval: number,
  bad: number,
  good: [number, number],
  failing: number
): Record<string, string> {
  const all = 10 * interval
  const series = (status: string) =>
    `http_requests_total{job="guestbook-${service}",status_code="${status}"}`
  return {
    [series('200')]: counter([all, good[0]], [all * (1 - bad), failing], [all, good[1]]),
    [series('500')]: counter([0, good[0]], [all * bad, failing], [0, good[1]])
  }
}

export function latency (
  service: string,
  interval: number,
  slow: number,
  counts: [number, number, number]
): Record<string, string> {
  const bucket = (le: string) =>
    `http_request_duration_seconds_bucket{job="guestbook-${service}",status_code="200",le="${le}"}`
  const all = 10 * interval
  const every = counter([all, counts[0] + counts[1] + counts[2] + 2])
  const fast = counter([all, counts[0]], [all * (1 - slow), counts[1]], [all, counts[2]])
  return {
    [bucket('0.3')]: fast,
    [bucket('0.5')]: fast,
    [bucket('2.5')]: every,
    [bucket('+Inf')]: every,
    [`http_request_duration_seconds_count{job="guestbook-${service}",status_code="200"}`]: every
  }
}
