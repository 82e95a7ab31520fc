/** How the network is used: from the environment as `huggingface_hub` reads it, and from flags. */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { readFile } from "node:fs/promises"
import { homedir } from "node:os"
import { join } from "node:path"
import { ConfigError } from "../../domain/Errors.ts"

export interface NetworkSettings {
  /** Origin and path of the Hub. */
  readonly endpoint: URL
  /** Sent to the origin of the endpoint, and nowhere else. */
  readonly token: Redacted.Redacted | undefined
  readonly offline: boolean
  /** Plain http is refused without it. */
  readonly allowHttp: boolean
  /** A connection over which nothing has come for so long is given up. */
  readonly idleMillis: number
  /** Attempts of a file in a row that bring nothing new. */
  readonly attempts: number
  /** The wait before the second attempt; each further one is twice as long. */
  readonly firstDelayMillis: number
  /** Time that a file may take with all its attempts. */
  readonly totalMillis: number
}

export const defaults: Omit<NetworkSettings, "token"> = {
  endpoint: new URL("https://huggingface.co"),
  offline: false,
  allowHttp: false,
  idleMillis: 60_000,
  attempts: 6,
  firstDelayMillis: 500,
  totalMillis: 12 * 3_600_000,
}

const variable = (name: string): Effect.Effect<string | undefined> =>
  Effect.map(Effect.option(Config.string(name)), (value) => {
    const text = Option.getOrUndefined(value)
    return text === undefined || text.trim() === "" ? undefined : text
  })

const isOn = (value: string | undefined): boolean =>
  value !== undefined && ["1", "ON", "YES", "TRUE"].includes(value.trim().toUpperCase())

/** `~` at the beginning of a path. */
const expanded = (path: string): string => path.replace(/^~(?=\/|$)/, homedir())

/** The token file: `HF_TOKEN_PATH`, else `token` in `HF_HOME`, else in the user's cache. */
const tokenFile: Effect.Effect<string> = Effect.gen(function* () {
  const named = yield* variable("HF_TOKEN_PATH")
  if (named !== undefined) return expanded(named)
  const home = yield* variable("HF_HOME")
  if (home !== undefined) return join(expanded(home), "token")
  const cache = (yield* variable("XDG_CACHE_HOME")) ?? join(homedir(), ".cache")
  return join(expanded(cache), "huggingface", "token")
})

/** What a token looks like. A stray character would end up in a header; the text itself is told to nobody. */
const tokenOf = (text: string, from: string): Effect.Effect<Redacted.Redacted | undefined, ConfigError> => {
  const token = text.trim()
  if (token === "") return Effect.succeed(undefined)
  return /^[\u0021-\u007e]+$/.test(token)
    ? Effect.succeed(Redacted.make(token))
    : Effect.fail(ConfigError.one({ path: from, message: "holds something that cannot be a token" }))
}

const token: Effect.Effect<Redacted.Redacted | undefined, ConfigError> = Effect.gen(function* () {
  if (isOn(yield* variable("HF_HUB_DISABLE_IMPLICIT_TOKEN"))) return undefined
  for (const name of ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"]) {
    const value = yield* variable(name)
    if (value !== undefined) return yield* tokenOf(value, name)
  }
  const file = yield* tokenFile
  const text = yield* Effect.promise(() => readFile(file, "utf8").catch(() => ""))
  return yield* tokenOf(text.slice(0, 10_000), file)
})

/** `HF_ENDPOINT`, `HF_TOKEN`, `HF_TOKEN_PATH`, `HF_HOME`, `HF_HUB_OFFLINE`, `HF_HUB_DOWNLOAD_TIMEOUT`; `given` are the flags. */
export const fromEnvironment = (given: Partial<NetworkSettings> = {}): Effect.Effect<NetworkSettings, ConfigError> =>
  Effect.gen(function* () {
    const named = (yield* variable("HF_ENDPOINT"))?.trim().replace(/\/+$/, "")
    const wrong = (message: string) => ConfigError.one({ path: "HF_ENDPOINT", message })
    const endpoint = named === undefined ? defaults.endpoint : URL.canParse(named) ? new URL(named) : undefined
    if (endpoint === undefined || !/^https?:$/.test(endpoint.protocol))
      return yield* wrong("is no http(s) address; it is something like https://huggingface.co")
    if (endpoint.username !== "" || endpoint.password !== "")
      return yield* wrong("holds a password; give a token with HF_TOKEN")
    const seconds = yield* variable("HF_HUB_DOWNLOAD_TIMEOUT")
    if (seconds !== undefined && !/^\d{1,6}$/.test(seconds.trim()))
      return yield* ConfigError.one({ path: "HF_HUB_DOWNLOAD_TIMEOUT", message: "is no number of seconds" })
    return {
      ...defaults,
      ...(seconds === undefined ? {} : { idleMillis: Math.max(1, Number(seconds)) * 1000 }),
      endpoint,
      token: yield* token,
      offline: isOn(yield* variable("HF_HUB_OFFLINE")),
      ...given,
    }
  })
