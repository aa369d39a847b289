import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** A port that is free, for a program that cannot report its own. */
export async function freePort (maximum = 65_535): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port <= maximum ? port : await freePort(maximum)
}
