/** SIGWINCH causes an uncaught exception, SIGURG an unhandled rejection. */
process.on('SIGWINCH', () => { throw new Error('thrown where nobody catches') })
process.on('SIGURG', () => { void Promise.reject(new Error('rejected and left alone')) })
