import { beforeEach, jest } from '@jest/globals'
import { cleanUp, EVENT_LOOP } from '@guestbook/service-kit/testing'

/** Stops the date, timers and timeouts of attempts until the test ends. */
export function stopTime (): void {
  jest.useFakeTimers({ doNotFake: [...EVENT_LOOP] })
  const timeout = jest
    .spyOn(AbortSignal, 'timeout')
    .mockImplementation(() => new AbortController().signal)
  cleanUp(() => {
    timeout.mockRestore()
    jest.useRealTimers()
  })
}

/** Lets retries follow without a pause, in every test of the file. */
export function skipRetryPauses (): void {
  beforeEach(() => {
    const random = jest.spyOn(Math, 'random').mockReturnValue(0)
    cleanUp(() => { random.mockRestore() })
  })
}
