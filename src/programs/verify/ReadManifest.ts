/** The manifest: its shape, its form, its seal. */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { readFile, stat } from "node:fs/promises"
import { evidence } from "../../domain/Rejection.ts"
import { type Manifest, manifestText, seal } from "../../domain/Report.ts"
import { detailOf, type Findings } from "./Findings.ts"
import { checkFile, type Missing, unreadable } from "./ReadFile.ts"

const Count = Schema.NonNegativeInt
const Tally = Schema.Record({ key: Schema.String, value: Count })
const Digest = Schema.String.pipe(
  Schema.pattern(/^[0-9a-f]{64}$/, { message: () => "Expected a SHA-256 in lower case" }),
)
const optional = <A, I>(of: Schema.Schema<A, I>) => Schema.optionalWith(of, { exact: true })

const Counts = Schema.Struct({
  records: Schema.Struct({ read: Count, bad: Count, skipped: Tally, used: Count, blankLines: Count }),
  episodes: Schema.Struct({
    made: Count,
    dropped: Tally,
    invalid: Tally,
    tooLarge: Count,
    sampledOut: Count,
    written: Count,
  }),
  turns: Schema.Struct({ made: Count, written: Count, cut: Count }),
  repairs: Tally,
  examples: Count,
  tokens: Schema.NullOr(Count),
})

export const OutputEntry = Schema.Struct({
  file: Schema.String,
  bytes: Count,
  sha256: Digest,
  rows: Count,
  contentSha256: optional(Digest),
})

/** The manifest as it stands in its file. */
export const ManifestSchema = Schema.Struct({
  tool: Schema.Struct({ name: Schema.String, version: Schema.String, build: Schema.String }),
  arguments: Schema.Array(Schema.String),
  config: Schema.Unknown,
  seed: Schema.Int,
  inputs: Schema.Array(
    Schema.Struct({
      kind: Schema.Literal("dataset", "plugin", "tokenizer", "template", "filterData"),
      dataset: optional(Schema.String),
      file: Schema.String,
      bytes: Count,
      sha256: Digest,
    }),
  ),
  sideInputs: Schema.Array(Schema.Struct({ dataset: Schema.String, entries: Count, sha256: Digest })),
  tasks: Schema.Record({ key: Schema.String, value: Counts }),
  outputs: Schema.Array(OutputEntry),
  startedAt: Schema.String.pipe(
    Schema.filter((text) => isTime(text) || "Expected a time such as 2024-05-06T07:08:09.000Z"),
  ),
  durationMs: Count,
  /** The ledger, as an output is told: then a flipped bit in it is found wherever it is. */
  ledger: optional(OutputEntry),
  /** Seal: digest of all the rest. */
  sha256: optional(Digest),
})

const isTime = (text: string): boolean => {
  const time = new Date(text)
  return !Number.isNaN(time.getTime()) && time.toISOString() === text
}

/** Breaks the type check when the schema and the type part. */
export const manifestType: (decoded: typeof ManifestSchema.Type) => Manifest = (decoded) => decoded

/** A manifest of more bytes is none; one with a million inputs has a third of it. */
const maxManifestBytes = 512 * 1024 * 1024

/** What a file holds, if it is a manifest, and what is wrong with it. */
const parseManifest = (file: string, bytes: Uint8Array, findings: Findings): Manifest | undefined => {
  let value: unknown
  let isCanonical: boolean
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
    value = JSON.parse(text)
    isCanonical = manifestText(value as Manifest) === text
  } catch (cause) {
    findings.add({ file, what: "the manifest is no JSON", actual: detailOf(cause) })
    return undefined
  }
  const decoded = ParseResult.decodeUnknownEither(ManifestSchema)(value, { errors: "all", onExcessProperty: "error" })
  if (Either.isLeft(decoded)) {
    for (const { message, path } of ParseResult.ArrayFormatter.formatIssueSync(decoded.left))
      findings.add({
        file,
        what: "the manifest is not as expected",
        actual: `at ${pathText(path)}: ${evidence(message)}`,
      })
    return undefined
  }
  // What was decoded is the value itself; the value keeps keys such as __proto__, that a copy might lose.
  const manifest = value as Manifest
  if (!isCanonical) findings.add({ file, what: "the manifest is not in the form in which it is written" })
  const sealed = seal(manifest).sha256
  if (manifest.sha256 !== undefined && sealed !== undefined && manifest.sha256 !== sealed)
    findings.add({ file, what: "the manifest was changed", expected: manifest.sha256, actual: sealed })
  return manifest
}

const pathText = (path: ReadonlyArray<PropertyKey>): string =>
  path.length === 0
    ? "the top"
    : path.map((key, i) => (typeof key === "number" ? `[${key}]` : `${i === 0 ? "" : "."}${String(key)}`)).join("")

export const readManifest = async (file: string, findings: Findings): Promise<Manifest | Missing | undefined> => {
  const missing = await checkFile(file)
  if (missing !== undefined) return missing
  try {
    const { size } = await stat(file)
    if (size <= maxManifestBytes) return parseManifest(file, await readFile(file), findings)
    findings.add({ file, what: "the manifest is too large", actual: size })
    return undefined
  } catch (cause) {
    return unreadable(cause)
  }
}
