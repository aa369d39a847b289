import { existsSync } from 'node:fs'

/** The browser as scripts/install-chromium finds it: CHROMIUM, else Debian's, else the Chrome of GitHub's computers. */
export const executablePath =
  process.env.CHROMIUM || ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync)

/** Chromium's sandbox cannot be had as root. */
export const sandboxFlags = process.getuid?.() === 0 ? ['--no-sandbox'] : []
