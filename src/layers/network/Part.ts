/**
 * Unfinished downloads. Each lies in a folder of its own beside the file to be, `.<file>.<since>.<owner>.part`, which one
 * process owns: it holds the bytes so far and what they are bytes of. The part of a process that is gone is taken over by
 * renaming its folder, which only one can do.
 */
import { createHash } from "node:crypto"
import { constants } from "node:fs"
import { type FileHandle, lstat, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { type Digests, digestsOf } from "../../services/Digests.ts"
import { syncFolder } from "../../services/Output.ts"
import { isRunning, isSelf, type Owner, ownerText, parseOwner } from "../../services/Owner.ts"

/** What the bytes of a part belong to. */
export interface PartState {
  readonly from: string
  /** A strong entity tag: only with it can the rest be asked for. */
  readonly validator?: string
  /** Size of the whole, where it is known. */
  readonly bytes?: number
}

export interface Part {
  readonly folder: string
  /** Bytes that are here. */
  readonly size: () => number
  readonly state: () => PartState | undefined
  /** Throws all bytes away; those to come are of `state`. */
  readonly begin: (state: PartState) => Promise<void>
  readonly write: (bytes: Uint8Array) => Promise<void>
  /** Reads all bytes again. */
  readonly digests: (signal: AbortSignal) => Promise<Digests>
  /** Makes it durable and gives it its name. */
  readonly publish: (target: string) => Promise<void>
  /** Leaves the part to whoever comes next. */
  readonly close: () => Promise<void>
  readonly remove: () => Promise<void>
}

// ------------------------------------------------------------------------------------------------------------ ownership

const short = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12)

interface Owned extends Owner {
  readonly name: string
  readonly since: string
}

const parse = (name: string, key: string): Owned | undefined => {
  const found = /^\.([0-9a-f]{12})\.(\d{16,24})\.(.*)\.part$/.exec(name)
  if (found === null || found[1] !== key) return undefined
  const owned = parseOwner(found[3] as string)
  return owned === undefined ? undefined : { name, since: found[2] as string, ...owned }
}

/** Parts that this process works on. */
const working = new Set<string>()

/** A part of another machine is taken for left when nothing was written to it for so long. */
const leftAfterMillis = 24 * 3_600_000

const isAlive = async (folder: string, owned: Owned): Promise<boolean> => {
  const { name } = owned
  if (isSelf(owned)) return working.has(join(folder, name))
  const runs = isRunning(owned)
  if (runs !== undefined) return runs
  const changed = await stat(join(folder, name, "bytes")).catch(() => undefined)
  return changed !== undefined && performance.timeOrigin + performance.now() - changed.mtimeMs < leftAfterMillis
}

let counter = 0

const newName = (key: string): string => {
  const micros = Math.trunc((performance.timeOrigin + performance.now()) * 1000)
  const since = `${String(micros).padStart(17, "0")}${String(counter++ % 1000).padStart(3, "0")}`
  return `.${key}.${since}.${ownerText()}.part`
}

const owners = async (folder: string, key: string): Promise<ReadonlyArray<Owned>> =>
  (await readdir(folder).catch(() => []))
    .map((name) => parse(name, key))
    .filter((one) => one !== undefined)
    .sort((a, b) => (a.since < b.since ? -1 : 1))

/** Another process is at the same file, and was first. */
export type Claim = { readonly part: Part } | { readonly busy: true }

/**
 * Takes the part of a file for this process: one that was left, or a new one. `busy` when another process is at it. That
 * only spares the work: two that go on at once do not touch each other's bytes.
 */
export const claim = async (target: string): Promise<Claim> => {
  const folder = dirname(target)
  const key = short(target.slice(folder.length + 1))
  let left: Owned | undefined
  for (const owner of await owners(folder, key)) {
    if (await isAlive(folder, owner)) return { busy: true }
    left = owner
  }
  const name = newName(key)
  const path = join(folder, name)
  working.add(path)
  const adopted =
    left !== undefined &&
    (await rename(join(folder, left.name), path).then(
      () => true,
      () => false,
    ))
  if (!adopted) await mkdir(path)
  // Two may have come at once: the earlier one goes on.
  for (const owner of await owners(folder, key)) {
    if (owner.name === name) break
    if (await isAlive(folder, owner)) {
      await rm(path, { recursive: true, force: true })
      working.delete(path)
      return { busy: true }
    }
    await rm(join(folder, owner.name), { recursive: true, force: true })
  }
  return { part: await openPart(path) }
}

const readState = async (path: string): Promise<PartState | undefined> => {
  try {
    const given: unknown = JSON.parse(await readFile(path, "utf8"))
    if (typeof given !== "object" || given === null) return undefined
    const { bytes, from, validator } = given as { readonly [key: string]: unknown }
    if (typeof from !== "string") return undefined
    return {
      from,
      ...(typeof validator === "string" ? { validator } : {}),
      ...(typeof bytes === "number" ? { bytes } : {}),
    }
  } catch {
    return undefined
  }
}

const openPart = async (folder: string): Promise<Part> => {
  const path = join(folder, "bytes")
  const statePath = join(folder, "state")
  let state = await readState(statePath)
  const found = await lstat(path).catch(() => undefined)
  if (found !== undefined && !found.isFile()) await rm(path, { recursive: true })
  const flags = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0)
  const handle: FileHandle = await open(path, flags, 0o644)
  let size = (await handle.stat()).size
  let isOpen = true
  const close = async (): Promise<void> => {
    working.delete(folder)
    if (!isOpen) return
    isOpen = false
    await handle.close()
  }
  return {
    folder,
    size: () => size,
    state: () => state,
    begin: async (next) => {
      await rm(statePath, { force: true })
      await handle.truncate(0)
      size = 0
      await writeFile(statePath, JSON.stringify(next))
      state = next
    },
    write: async (bytes) => {
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, size)
        at += bytesWritten
        size += bytesWritten
      }
    },
    digests: (signal) => digestsOf(path, signal),
    publish: async (target) => {
      await handle.sync()
      await rename(path, target)
      await syncFolder(dirname(target))
      await close()
      await rm(folder, { recursive: true, force: true })
    },
    close,
    remove: async () => {
      await close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
