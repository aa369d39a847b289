import { beforeEach, jest } from '@jest/globals'
import { cleanUp } from './helper.ts'

const EVENT_LOOP = ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'hrtime'] as const
const TIMERS = [
  'clearImmediate', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'
] as const

/** Sets the date until the test ends; timers run on. */
export function setClock (now: string | number): void {
  jest.useFakeTimers({ now: new Date(now), doNotFake: [...EVENT_LOOP, ...TIMERS] })
  cleanUp(() => { jest.useRealTimers() })
}

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
