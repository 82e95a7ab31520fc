/** What the commands share: makers of flags, and the way results leave. */
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { ConfigError } from "../../domain/Errors.ts"
import type { DataFolder } from "../../services/DataFolder.ts"
import type { Downloader } from "../../services/Downloader.ts"
import type { Hub } from "../../services/Hub.ts"
import type * as Build from "../Build.ts"

/** What the flags say about the services of a run. */
export interface Settings {
  /** Absent: `TOOLBOX_DATA_FOLDER`, else `./data`. */
  readonly dataFolder: string | undefined
  /** Worker threads; 0 is in process, absent is one for each core. */
  readonly workers: number | undefined
  readonly quiet: boolean
  /** Absent: nothing is fetched. */
  readonly network?: NetworkFlags
}

/** What flags say of the network. */
export interface NetworkFlags {
  readonly allowHttp: boolean
}

/** Makes the services of a run from its flags; the entry passes it, so that commands name no layers. */
export type ServicesOf = (
  settings: Settings,
) => Layer.Layer<Build.Services | DataFolder | Downloader | Hub, ConfigError>

/** A command as help and messages tell it. */
export interface Entry {
  readonly about: string
  readonly example: string
  readonly flags: { readonly [key: string]: Options.Options<unknown> }
  /** Flags of which one is needed. */
  readonly eitherOf?: ReadonlyArray<ReadonlyArray<string>>
  /** Arguments without a flag: a choice that may be left out, what is needed, or several. */
  readonly argument?:
    | { readonly choices: ReadonlyArray<string> }
    | { readonly needed: string }
    /** Any number of them, none as well. */
    | { readonly several: string }
}

/** A flag with a value; `value` stands for it in the help. */
export const text = (name: string, value: string, about: string): Options.Options<string> =>
  Options.text(name).pipe(Options.withPseudoName(value), Options.withDescription(about))

export const isInteger = (given: string): boolean => /^[+-]?\d{1,15}$/.test(given)

/** A whole number; what is none is told by `answer` of the command line, before the framework sees it. */
export const integer = (name: string, about: string): Options.Options<number> =>
  text(name, "N", about).pipe(Options.map((given) => (isInteger(given) ? Number(given) : Number.NaN)))

export const flag = (name: string, about: string): Options.Options<boolean> =>
  Options.boolean(name).pipe(Options.withDescription(about))

/** `A, B`: blanks do not count; empty names are left out. */
export const parseNames = (text: string): ReadonlyArray<string> =>
  text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "")

export const toStdout = (text: string): Effect.Effect<void> =>
  Effect.async((resume) => {
    process.stdout.write(text, () => resume(Effect.void))
  })

/** An ending that is a finding and no failure: told on stdout already. */
export const exitWith = (code: 1): Effect.Effect<void> =>
  Effect.sync(() => {
    process.exitCode = code
  })
