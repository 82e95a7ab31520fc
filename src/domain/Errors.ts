/**
 * What ends a run. A bad record is no error but a `Rejection`.
 */
import * as Schema from "effect/Schema"

/** One thing wrong with what the user asked for. */
export const Problem = Schema.Struct({
  /** Key path or option, e.g. `AlpacaTask.filters[1]` or `--tasks`. */
  path: Schema.String,
  message: Schema.String,
  /** 1-based position in the config file. */
  line: Schema.optional(Schema.Number),
  column: Schema.optional(Schema.Number),
})
export type Problem = typeof Problem.Type

/** The command line or the config is wrong: all problems at once, found before anything is touched. */
export class ConfigError extends Schema.TaggedError<ConfigError>()("ConfigError", {
  file: Schema.optional(Schema.String),
  problems: Schema.Array(Problem),
}) {
  static one(problem: Problem): ConfigError {
    return new ConfigError({ problems: [problem] })
  }
  override get message(): string {
    return this.problems
      .map(({ column, line, message, path }) => {
        const where = line === undefined || this.file === undefined ? "" : `${this.file}:${line}:${column ?? 1}: `
        return `${where}${path === "" ? "" : `${path}: `}${message}`
      })
      .join("\n")
  }
}

/** A word as a shell takes it. */
const quoted = (word: string): string => (/^[\w./~+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

/** Raw data cannot be found or read. */
export class DatasetError extends Schema.TaggedError<DatasetError>()("DatasetError", {
  dataset: Schema.String,
  reason: Schema.Literal("NotFound", "Unreadable", "Changed", "Refused"),
  /** Where the files were looked for. */
  folder: Schema.String,
  expected: Schema.Array(Schema.String),
  detail: Schema.optional(Schema.String),
  /** Missing datasets that a command can fetch. */
  fetchable: Schema.optional(Schema.Array(Schema.String)),
  /** The option that names the data folder, where it is not the default one. */
  dataFolder: Schema.optional(Schema.String),
}) {
  override get message(): string {
    if (this.reason === "NotFound") {
      const { dataFolder, fetchable = [] } = this
      const option = dataFolder === undefined ? "" : ` --data-folder ${quoted(dataFolder)}`
      return (
        `no raw data for dataset "${this.dataset}": expected ${this.expected.join(" or ")} in ${this.folder}. ` +
        `Put the files there, or name another place with --data-folder, TOOLBOX_DATA_FOLDER or "folder:" in the config.` +
        (this.detail === undefined ? "" : ` ${this.detail}`) +
        (fetchable.length === 0
          ? ""
          : `\nto fetch it, add --download, or run: data-toolbox download ${fetchable.join(" ")}${option}`)
      )
    }
    if (this.reason === "Refused") return `dataset "${this.dataset}" in ${this.folder}: refused: ${this.detail ?? ""}`
    return `dataset "${this.dataset}" in ${this.folder}: ${this.reason === "Changed" ? "a file changed while it was read; run again when nothing writes to it" : "cannot be read"}${this.detail === undefined ? "" : ` (${this.detail})`}`
  }
}

/** What may help when a worker dies again and again. */
const deathHint = (detail: string): string =>
  /memory/i.test(detail)
    ? `Give it more memory (NODE_OPTIONS=--max-old-space-size=8192), or run fewer at once with --workers.`
    : `Run with --workers 0 to see what happens there; a plug-in may be the cause.`

/** A slice could not be run. */
export class SliceError extends Schema.TaggedError<SliceError>()("SliceError", {
  reason: Schema.Literal("Read", "Run", "WorkerDied", "NotCloneable"),
  place: Schema.String,
  detail: Schema.String,
}) {
  override get message(): string {
    return this.reason === "WorkerDied"
      ? `a worker died twice on ${this.place}: ${this.detail}. ${deathHint(this.detail)} What was finished is kept for the next run.`
      : this.reason === "Read"
        ? `cannot read ${this.place}: ${this.detail}`
        : `${this.place}: ${this.detail}`
  }
}

/** What to do about a failed call of the file system, by its code. */
const writeHints: ReadonlyArray<readonly [codes: RegExp, hint: string]> = [
  [/^(?:ENOSPC|EDQUOT)\b/, "Make room there, or name another place"],
  [/^(?:EMFILE|ENFILE)\b/, "Let more files be open at once (ulimit -n)"],
  [/^(?:EACCES|EPERM|EROFS)\b/, "Let this user write there, or name another place"],
  [/^EIO\b/, "Look whether the disk is in order, or name another place"],
]

const hintOf = (detail: string): string => {
  const hint = writeHints.find(([codes]) => codes.test(detail))?.[1]
  return hint === undefined ? "" : ` ${hint}, and run again.`
}

/** A result could not be written. */
export class OutputError extends Schema.TaggedError<OutputError>()("OutputError", {
  reason: Schema.Literal("Open", "Write", "Publish"),
  file: Schema.String,
  detail: Schema.String,
}) {
  override get message(): string {
    return this.reason === "Publish"
      ? `cannot put ${this.file} in its place: ${this.detail}. Files of this run that were put in place before it stay; run again to get the whole set.`
      : `cannot write ${this.file}: ${this.detail}. What was there before is unchanged.${hintOf(this.detail)}`
  }
}

/** The run's own policy ended it: too many bad records, nothing written, sums that are off. */
export class PolicyError extends Schema.TaggedError<PolicyError>()("PolicyError", {
  reason: Schema.Literal("TooManyBad", "NothingWritten", "SumsOff"),
  task: Schema.optional(Schema.String),
  detail: Schema.String,
}) {
  override get message(): string {
    return this.task === undefined ? this.detail : `${this.task}: ${this.detail}`
  }
}

/** A raw file could not be brought here. What was there before is unchanged. */
export class DownloadError extends Schema.TaggedError<DownloadError>()("DownloadError", {
  reason: Schema.Literal(
    /** An address, a redirect or a name that is not followed. */
    "Refused",
    "Unauthorized",
    "NotFound",
    /** A status that repeating does not change. */
    "Status",
    /** No connection, or none that lasts, after all attempts. */
    "Unreachable",
    "TimedOut",
    /** Not the bytes that were promised. */
    "Corrupt",
    /** Answers that do not fit the request, or from which nothing tells whether they are whole. */
    "Protocol",
    "TooLarge",
    "NoSpace",
    "Write",
    "Offline",
    /** A file of the user's is in the way. */
    "Differs",
    /** The lock file says otherwise. */
    "Locked",
  ),
  /** The URL without its query, a path, or the name of a dataset. */
  place: Schema.String,
  detail: Schema.String,
}) {
  override get message(): string {
    return `cannot download ${this.place}: ${this.detail}`
  }
}

export type BuildError = ConfigError | DatasetError | SliceError | OutputError | PolicyError
