/** Breaks the process on request, as a bug would: SIGWINCH throws where nobody catches, SIGURG leaves a rejection alone. */
process.on('SIGWINCH', () => { throw new Error('thrown where nobody catches') })
process.on('SIGURG', () => { void Promise.reject(new Error('rejected and left alone')) })
