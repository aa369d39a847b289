import { existsSync } from 'node:fs'

/** Chromium as scripts/install-chromium finds it: CHROMIUM, Debian's, or Chrome on GitHub. */
export const executablePath =
  process.env.CHROMIUM || ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync)

/** Chromium has no sandbox as root. */
export const sandboxFlags = process.getuid?.() === 0 ? ['--no-sandbox'] : []
