/**
 * Whose an unfinished file is, told by its name: the machine, the number of the process, and when that began. Files of
 * processes that are gone may be removed or taken over; those of others may not.
 */
import { createHash } from "node:crypto"
import { readFileSync, readlinkSync } from "node:fs"
import { hostname } from "node:os"

export interface Owner {
  readonly host: string
  readonly pid: number
  /** Ticks of the machine; "0" where they are not told. */
  readonly start: string
}

/** When a process began: numbers of processes come again, in containers above all. Only Linux tells. */
const startOf = (pid: number): string => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1")
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "0"
  } catch {
    return "0"
  }
}

/** Containers of one machine number their processes each on its own. */
const numbering = (): string => {
  try {
    return readlinkSync("/proc/self/ns/pid")
  } catch {
    return ""
  }
}

const hostOf = (): string => createHash("sha256").update(`${hostname()}\0${numbering()}`).digest("hex").slice(0, 12)

let self: Owner | undefined

const selfOf = (): Owner => {
  const start = startOf(process.pid)
  // Others than Linux: enough to tell this process from an earlier one of its number.
  return { host: hostOf(), pid: process.pid, start: start === "0" ? String(Math.trunc(performance.timeOrigin)) : start }
}

/** This process. */
export const owner = (): Owner => (self ??= selfOf())

const pattern = /^([0-9a-f]{12})\.(\d{1,10})\.(\d{1,20})$/

/** A part of a file name: `<host>.<pid>.<start>`. */
export const ownerText = ({ host, pid, start }: Owner = owner()): string => `${host}.${pid}.${start}`

export const parseOwner = (text: string): Owner | undefined => {
  const [, host, pid, start] = pattern.exec(text) ?? []
  return host === undefined || start === undefined ? undefined : { host, pid: Number(pid), start }
}

export const isSelf = ({ host, pid, start }: Owner): boolean => {
  const own = owner()
  return host === own.host && pid === own.pid && start === own.start
}

/** Whether the process is under way; undefined for one of another machine, of which nobody here can tell. */
export const isRunning = ({ host, pid, start }: Owner): boolean | undefined => {
  if (host !== owner().host) return undefined
  if (pid === process.pid) return start === owner().start
  try {
    process.kill(pid, 0)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EPERM") return false
  }
  const now = startOf(pid)
  return now === "0" || start === "0" || now === start
}
