/**
 * The one list of how long anything in a request's chain may take, in milliseconds. Whoever waits
 * for another part waits longer than that part may take, so that its answer is still heard;
 * tests/charts and infra/test hold the order (time-budget.test.ts), with charts and ingress.
 *
 * The figures start from what people bear: a page within about a second, a post within five.
 */
export const TIME_BUDGET = {
  /** A page: all attempts of the frontend to read from the backend, pauses included. */
  pageMs: 1000,
  /** A read in the backend: waiting for MongoDB's primary, its confirmation and the answer. */
  storeReadMs: 800,
  /** A read in MongoDB (maxTimeMS), a bit less, so that it still answers. */
  mongoReadMs: 700,

  /** A post: all attempts of the frontend to have it stored. Visitors hear no later than this. */
  postMs: 5000,
  /** One of these attempts. */
  postAttemptMs: 2400,
  /** A write in the backend: queue, insert and one repetition. */
  storeWriteMs: 2200,
  /** Longest a post waits for the insert before its own; later it could not be answered in time. */
  writeQueueMs: 1100,
  /** A write in MongoDB until a majority has it (wtimeout, maxTimeMS). */
  mongoWriteMs: 2000,

  /** A TCP connection to the backend. */
  connectMs: 500,
  /**
   * How long a majority's confirmation of MongoDB's primary counts for further reads. Far below an
   * election: a successor needs a vote, a first entry of its own and a majority that has it.
   */
  primaryConfirmedMs: 100,
  /** Between two looks at a backend that did not answer; visitors do not wait meanwhile. */
  breakerProbeMs: 500,
  /** Longest a frontend shows messages that it cannot read anew: some may be hidden since. */
  staleCopyMs: 5 * 60_000,

  /** Requests in flight when a service closes, after the drain; a pod's grace is longer than both. */
  closeMs: 15_000
} as const
