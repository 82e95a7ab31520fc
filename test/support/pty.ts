/** Runs the built command on a terminal of its own, as somebody who sits before it. */
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { tmpdir } from "node:os"
import { bin } from "./cli.ts"

/** `script` of util-linux makes the terminal. */
export const hasPty =
  process.platform === "linux" &&
  ["/usr/bin/script", "/bin/script"].some((file) => existsSync(file)) &&
  ["/usr/bin/stty", "/bin/stty"].some((file) => existsSync(file))

if (!hasPty) console.log("skipped: tests on a terminal need script (util-linux) and stty (coreutils)")

export interface PtyOptions {
  readonly columns: number
  readonly cwd: string
  readonly env?: { readonly [name: string]: string }
  /** Looks at what has come so far, and answers what is typed; once. */
  readonly type?: (seen: string) => string | undefined
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** What the terminal was sent, lines ended by line feeds alone. */
export const pty = (
  args: ReadonlyArray<string>,
  { columns, cwd, env = {}, type }: PtyOptions,
): Promise<{ readonly code: number | null; readonly sent: string }> => {
  const line = `stty cols ${columns} rows 24 && exec ${[process.execPath, bin, ...args].map(quoted).join(" ")}`
  const child = spawn("script", ["-qefc", line, "/dev/null"], {
    cwd,
    env: { PATH: process.env["PATH"] ?? "", HOME: tmpdir(), LANG: "C.UTF-8", TERM: "xterm-256color", ...env },
    stdio: ["pipe", "pipe", "inherit"],
  })
  let sent = ""
  let typed = false
  child.stdout.setEncoding("utf8")
  child.stdout.on("data", (part: string) => {
    sent += part
    const keys = typed ? undefined : type?.(sent)
    if (keys === undefined) return
    typed = true
    child.stdin.write(keys)
  })
  return new Promise((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code) => {
      child.stdin.end()
      resolve({ code, sent: sent.replaceAll("\r\n", "\n") })
    })
  })
}
