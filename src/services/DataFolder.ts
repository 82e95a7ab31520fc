/** Where the raw data lies. */
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"

export interface DataFolderService {
  /** Absolute path of the root. */
  readonly root: string
}

export class DataFolder extends Context.Tag("data-toolbox/DataFolder")<DataFolder, DataFolderService>() {
  static readonly layer = (root: string): Layer.Layer<DataFolder> => Layer.succeed(DataFolder, { root: resolve(root) })

  /** `TOOLBOX_DATA_FOLDER`, else `./data`. */
  static readonly layerConfig: Layer.Layer<DataFolder> = Layer.effect(
    DataFolder,
    Effect.map(
      Effect.orElseSucceed(Config.string("TOOLBOX_DATA_FOLDER"), () => "data"),
      (root) => ({ root: resolve(root === "" ? "data" : root) }),
    ),
  )

  /** A temporary folder with the given files (path to content), removed at the end: for tests. */
  static readonly layerTemp = (files: { readonly [path: string]: string | Uint8Array }): Layer.Layer<DataFolder> =>
    Layer.scoped(DataFolder, makeTemp(files))
}

const makeTemp = (files: {
  readonly [path: string]: string | Uint8Array
}): Effect.Effect<DataFolderService, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const root = await mkdtemp(join(tmpdir(), "data-toolbox-"))
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(root, path)), { recursive: true })
        await writeFile(join(root, path), content)
      }
      return { root }
    }),
    ({ root }) => Effect.promise(() => rm(root, { recursive: true, force: true })),
  )
