import { once } from 'node:events'
import { createServer, type Server } from 'node:http'

/** The text that a service exposes to Prometheus. */
export async function scrape (managementUrl: string): Promise<string> {
  const answer = await fetch(`${managementUrl}/metrics`)
  return await answer.text()
}

/** The first sample of a metric, whatever its labels. @throws Error when there is none */
export function sample (exposition: string, name: string): number {
  const value = new RegExp(`^${name}(?:\\{.*\\})? (\\S+)`, 'm').exec(exposition)?.[1]
  if (value === undefined) throw new Error(`No metric ${name} is exposed.`)
  return Number(value)
}

/** An exporter that exposes what `exposition` returns. */
export async function serveMetrics (
  port: number,
  exposition: () => string | Promise<string>
): Promise<Server> {
  const server = createServer((_request, response) => {
    void Promise.resolve(exposition()).then(
      text => response.setHeader('content-type', 'text/plain; version=0.0.4').end(text),
      () => response.writeHead(500).end()
    )
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

export interface Sample { metric: Record<string, string>, value: [number, string] }

/** Evaluates an instant query. @throws Error with what Prometheus says against it */
export async function queryPrometheus (url: string, query: string): Promise<Sample[]> {
  const answer = await fetch(`${url}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query })
  })
  const { data, error } = (await answer.json()) as { data?: { result: Sample[] }, error?: string }
  if (!data) throw new Error(`Prometheus rejected ${query}: ${error}`)
  return Array.isArray(data.result[0])
    ? [{ metric: {}, value: data.result as never }]
    : data.result
}
