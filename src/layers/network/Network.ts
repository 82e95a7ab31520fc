/** The services of the network, put together: over Node's http, set up by the environment. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ConfigError } from "../../domain/Errors.ts"
import type { Downloader } from "../../services/Downloader.ts"
import type { Hub } from "../../services/Hub.ts"
import * as HttpDownloader from "./HttpDownloader.ts"
import * as HttpHub from "./HttpHub.ts"
import * as NodeHttp from "./NodeHttp.ts"
import { fromEnvironment, type NetworkSettings } from "./Settings.ts"

export { defaults, fromEnvironment, type NetworkSettings } from "./Settings.ts"
export { AddressGuard } from "./NodeHttp.ts"

/** Over an `HttpClient` of the app: one that does not follow redirects by itself, and that asks the `AddressGuard`. */
export const layerOver = (settings: NetworkSettings) =>
  Layer.mergeAll(HttpDownloader.layer(settings), HttpHub.layer(settings))

/** With settings given; see `fromEnvironment`. */
export const layerWith = (
  settings: NetworkSettings,
  http: NodeHttp.NodeHttpOptions = {},
): Layer.Layer<Downloader | Hub> => Layer.provide(layerOver(settings), NodeHttp.layer(http))

/** Settings of the environment as `huggingface_hub` reads it, and what is given in their place. */
export const layer = (given: Partial<NetworkSettings> = {}): Layer.Layer<Downloader | Hub, ConfigError> =>
  Layer.unwrapEffect(Effect.map(fromEnvironment(given), (settings) => layerWith(settings)))
