/** A real browser, where the machine has one: tests of pages are skipped elsewhere. */
import { existsSync } from "node:fs"
import { chromium } from "playwright-core"

const path = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync)

if (path === undefined) console.warn("skipped: tests in a browser; install chromium (Debian's package) to run them")

/** Starts it; the caller closes it. */
export const browser =
  path === undefined
    ? undefined
    : () => chromium.launch({ executablePath: path, args: ["--no-sandbox", "--disable-gpu"], timeout: 120_000 })
