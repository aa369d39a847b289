import { AsyncLocalStorage } from 'node:async_hooks'
import {
  context, ROOT_CONTEXT, trace, TraceFlags, type Context, type ContextManager
} from '@opentelemetry/api'
import { cleanUp } from './helper.ts'

/** A minimal tracing SDK: the context follows asynchronous calls. */
class TestContextManager implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>()
  active () {
    return this.#storage.getStore() ?? ROOT_CONTEXT
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    active: Context,
    work: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.#storage.run(active, () => work.call(thisArg as ThisParameterType<F>, ...args))
  }

  bind<T>(_active: Context, target: T): T {
    return target
  }

  enable () {
    return this
  }

  disable () {
    return this
  }
}

export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
export const SPAN_ID = 'b7ad6b7169203331'

/** Runs `work` in a span. The SDK stays installed until the end of the test. */
export async function inSpan<T> (
  work: () => Promise<T>,
  traceFlags = TraceFlags.SAMPLED
): Promise<T> {
  context.setGlobalContextManager(new TestContextManager())
  cleanUp(() => { context.disable() })
  const span = trace.wrapSpanContext({ traceId: TRACE_ID, spanId: SPAN_ID, traceFlags })
  return await context.with(trace.setSpan(ROOT_CONTEXT, span), work)
}
