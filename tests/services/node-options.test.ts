import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { NODE_ARGUMENTS, NODE_OPTIONS } from '../../scripts/node-options.ts'

test.each(['backend', 'frontend'])(
  'the image of the %s uses the Node options of make start',
  service => {
    const dockerfile = readFileSync(
      new URL(`../../services/${service}/Dockerfile`, import.meta.url),
      'utf8'
    )
    expect(/^ENV NODE_OPTIONS="(.*)"$/m.exec(dockerfile)?.[1]).toBe(NODE_OPTIONS)
    const [, command] = /^CMD (.*)$/m.exec(dockerfile) ?? []
    expect(JSON.parse(command ?? '')).toEqual([
      'node',
      ...NODE_ARGUMENTS,
      `services/${service}/src/server.ts`
    ])
    // Node uses the compile cache only with the same arguments.
    expect(dockerfile).toContain(`RUN node ${NODE_ARGUMENTS.join(' ')} --input-type=module`)
  }
)
