/**
 * All timeouts in the path of a request, in milliseconds. Each caller waits longer than the part it
 * calls may take, so that it still gets the response. tests/charts and infra/test check this order,
 * with charts and ingress (time-budget.test.ts).
 *
 * The figures start from what visitors tolerate: a page within 1 s, a post within 5 s.
 */
export const TIME_BUDGET = {
  /** A page: all attempts of the frontend to read from the backend, pauses included. */
  pageMs: 1000,
  /** A read in the backend: primary selection, its confirmation and the response. */
  storeReadMs: 800,
  /** A read in MongoDB (maxTimeMS). */
  mongoReadMs: 700,

  /** A post: all attempts of the frontend to store it, pauses included. */
  postMs: 5000,
  /** One of these attempts. */
  postAttemptMs: 2400,
  /** A write in the backend: queue, insert and one retry. */
  storeWriteMs: 2200,
  /** A post in the queue before its insert. */
  writeQueueMs: 1100,
  /** A write in MongoDB until a majority acknowledges it (wtimeout, maxTimeMS). */
  mongoWriteMs: 2000,

  /** A TCP connection to the backend. */
  connectMs: 500,
  /**
   * Validity of a majority's confirmation of MongoDB's primary. Far below an election, which takes
   * a vote, a first entry in the oplog and its replication to a majority.
   */
  primaryConfirmedMs: 100,
  /** Interval of background reads while the circuit breaker is open. */
  breakerProbeMs: 500,
  /** Maximum age of messages that the frontend shows while it cannot read: some may be hidden. */
  staleCopyMs: 5 * 60_000,

  /** Requests in flight when a service closes, after the drain. A pod's grace period is longer. */
  closeMs: 15_000
} as const
