import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { NODE_OPTIONS } from '../../scripts/node-options.ts'

test.each(['backend', 'frontend'])('the image of the %s bounds its memory as make start does', service => {
  const dockerfile = readFileSync(new URL(`../../services/${service}/Dockerfile`, import.meta.url), 'utf8')
  expect(/^ENV NODE_OPTIONS="(.*)"$/m.exec(dockerfile)?.[1]).toBe(NODE_OPTIONS)
})
