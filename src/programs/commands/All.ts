/** All commands: how each is told, and how it runs. */
import * as Build from "./Build.ts"
import * as Check from "./Check.ts"
import * as Download from "./Download.ts"
import * as Explain from "./Explain.ts"
import * as Init from "./Init.ts"
import * as List from "./List.ts"
import * as Preview from "./Preview.ts"
import * as Report from "./Report.ts"
import * as Verify from "./Verify.ts"
import type { Entry, ServicesOf } from "./Shared.ts"

/** The commands in the order of work, for help and for messages that name what is meant. */
export const entries: { readonly [name: string]: Entry } = {
  init: Init.entry,
  download: Download.entry,
  preview: Preview.entry,
  build: Build.entry,
  check: Check.entry,
  report: Report.entry,
  explain: Explain.entry,
  verify: Verify.entry,
  list: List.entry,
}

/** The commands as the framework runs them, in the order of its own texts. */
export const commands = (services: ServicesOf) =>
  [
    Build.command(services),
    Preview.command(services),
    List.command(services),
    Explain.command(services),
    Verify.command,
    Download.command(services),
    Check.command,
    Report.command(services),
    Init.command(services),
  ] as const
