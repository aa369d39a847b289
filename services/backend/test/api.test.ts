import { expect, test } from '@jest/globals'
import { build } from './helper.ts'

test('a posted message is the newest of the list', async () => {
  const { app } = await build()
  const posted = await app.inject({ method: 'POST', url: '/api/v1/messages', payload: { name: 'Ann', message: 'Hello' } })
  expect(posted.statusCode).toBe(201)
  const list = await app.inject('/api/v1/messages')
  expect(list.json()).toEqual({ messages: [posted.json()], nextCursor: null })
})
