/** The Hugging Face Hub: which files a dataset repository has, at which commit, and what they must be. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { DownloadError } from "../domain/Errors.ts"
import type { Expected } from "./Downloader.ts"

export interface HubFile {
  /** Names the commit: the same bytes whenever it is asked. */
  readonly url: string
  /** The commit; the revision that was asked for where the Hub does not tell. */
  readonly revision: string
  readonly path: string
  readonly expected: Expected
}

export interface HubPaths {
  readonly revision: string
  /** Names from outside, as the Hub gives them. */
  readonly paths: ReadonlyArray<string>
}

export interface HubService {
  readonly paths: (repo: string, revision: string) => Effect.Effect<HubPaths, DownloadError>
  readonly file: (repo: string, revision: string, path: string) => Effect.Effect<HubFile, DownloadError>
}

export class Hub extends Context.Tag("data-toolbox/Hub")<Hub, HubService>() {
  /** Knows nothing. */
  static readonly layerOffline: Layer.Layer<Hub> = Layer.sync(Hub, () => {
    const refuse = (repo: string) =>
      Effect.fail(new DownloadError({ reason: "Offline", place: repo, detail: "the Hub is not asked in this run" }))
    return { paths: refuse, file: refuse }
  })

  /** Repositories that a test or an app gives: name to the files in them. */
  static readonly layerTest = (repos: { readonly [repo: string]: ReadonlyArray<HubFile> }): Layer.Layer<Hub> => {
    const find = (repo: string): Effect.Effect<ReadonlyArray<HubFile>, DownloadError> =>
      Object.hasOwn(repos, repo)
        ? Effect.succeed(repos[repo] as ReadonlyArray<HubFile>)
        : Effect.fail(new DownloadError({ reason: "NotFound", place: repo, detail: "there is no such repository" }))
    return Layer.succeed(Hub, {
      paths: (repo, revision) =>
        Effect.map(find(repo), (files) => ({
          revision: files[0]?.revision ?? revision,
          paths: files.map(({ path }) => path),
        })),
      file: (repo, _revision, path) =>
        Effect.flatMap(find(repo), (files) => {
          const file = files.find((one) => one.path === path)
          return file === undefined
            ? Effect.fail(
                new DownloadError({ reason: "NotFound", place: `${repo}/${path}`, detail: "there is no such file" }),
              )
            : Effect.succeed(file)
        }),
    })
  }
}
