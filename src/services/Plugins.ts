/** Plug-in modules: plain definitions from outside the package, named in the config. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { Plugin } from "../domain/Component.ts"

/** A module that was loaded, and what it was loaded from. */
export interface LoadedPlugin {
  /** Absolute path. */
  readonly path: string
  readonly bytes: number
  readonly sha256: string
  readonly plugin: Plugin
}

export interface PluginsService {
  /** Loads a module by its absolute path; the failure says what is wrong with it, for a person. */
  readonly load: (path: string) => Effect.Effect<LoadedPlugin, string>
}

export class Plugins extends Context.Tag("data-toolbox/Plugins")<Plugins, PluginsService>() {}
