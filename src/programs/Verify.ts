/**
 * Reads an output again, with the manifest and the ledger that belong to it, and tells what does not fit together: bytes
 * that are not those that were written, lines that no trainer would read, sums that do not hold. Each file is read once,
 * as a stream; memory grows with the number of rows by a key of their identifiers only.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { dirname, join } from "node:path"
import { checkSums, type Manifest } from "../domain/Report.ts"
import { terminalLine } from "../domain/text/Terminal.ts"
import { detailOf, type Finding, makeFindings } from "./verify/Findings.ts"
import { checkFile, isMissing } from "./verify/ReadFile.ts"
import { readInputs } from "./verify/ReadInputs.ts"
import { readLedger } from "./verify/ReadLedger.ts"
import { readManifest } from "./verify/ReadManifest.ts"
import { compare, isPlainName, makeIds, readOutput, targetsOf } from "./verify/ReadOutput.ts"

export type { Finding } from "./verify/Findings.ts"

export interface VerifyReport {
  readonly output: string
  readonly manifest: string
  /** Empty: all is as it was written. */
  readonly findings: ReadonlyArray<Finding>
  readonly summary: {
    /** All findings, those too of which the list tells only how many there are. */
    readonly findings: number
    readonly outputs: number
    readonly rows: number
    readonly bytes: number
    /** Lines of the ledger; null when there is none. */
    readonly ledgerLines: number | null
    /** Null when inputs were not asked for. `skipped` are those that do not lie in the data folder, as plug-ins. */
    readonly inputs: { readonly checked: number; readonly skipped: number } | null
  }
}

export interface VerifyOptions {
  /** Default: beside the output. */
  readonly manifestFile?: string
  readonly ledgerFile?: string
  /** The data folder: inputs that the manifest names are digested again. */
  readonly inputs?: string
}

/** There is nothing to verify: neither the output nor its manifest can be read. */
export class VerifyError extends Schema.TaggedError<VerifyError>()("VerifyError", {
  reason: Schema.Literal("NotFound", "Unreadable"),
  file: Schema.String,
  detail: Schema.String,
}) {
  override get message(): string {
    return this.reason === "NotFound"
      ? `there is no output "${this.file}", and no manifest of it`
      : `cannot read "${this.file}": ${this.detail}`
  }
}

/** Whether the rows of some task were written more than once. */
const repeats = (manifest: Manifest | undefined): boolean => {
  const tasks = (
    manifest?.config as { readonly tasks?: { readonly [key: string]: { readonly repeat?: unknown } } } | null
  )?.tasks
  return Object.values(tasks ?? {}).some((section) => typeof section?.repeat === "number" && section.repeat > 1)
}

/**
 * Whether there has to be a ledger: where its name was not given, the arguments of the run tell. An app that embeds the
 * toolbox may do without.
 */
const expectsLedger = (manifest: Manifest | undefined, given: string | undefined): boolean => {
  if (given !== undefined || manifest?.ledger !== undefined) return true
  const args = manifest?.arguments ?? []
  return (
    args.includes("build") && !args.some((arg) => /^--ledger(?:=|$)/.test(arg)) && manifest?.outputs[0]?.file !== "-"
  )
}

const check = async (
  outputFile: string,
  { inputs: dataFolder, ledgerFile, manifestFile = `${outputFile}.manifest.json` }: VerifyOptions,
  signal: AbortSignal,
): Promise<VerifyReport> => {
  const findings = makeFindings()
  const known = await readManifest(manifestFile, findings)
  const isThere = known === undefined || !isMissing(known)
  if (!isThere) {
    const missing = await checkFile(outputFile)
    if (missing !== undefined)
      throw new VerifyError({
        reason: missing.what === "the file is missing" ? "NotFound" : "Unreadable",
        file: outputFile,
        detail: missing.actual === undefined ? missing.what : String(missing.actual),
      })
    findings.add({ file: manifestFile, ...known })
  }
  const manifest = isThere ? known : undefined

  // Rows that are repeated are the same, identifiers and all.
  const ids = repeats(manifest) ? undefined : makeIds()
  let rows = 0
  let bytes = 0
  let outputs = 0
  for (const { file, told } of targetsOf(outputFile, manifestFile, manifest, findings)) {
    const read = await readOutput(
      file,
      (told?.file ?? file).endsWith(".gz") || file.endsWith(".gz"),
      ids,
      findings,
      signal,
    )
    if (isMissing(read)) continue
    outputs++
    bytes += read.bytes
    if (read.broken === undefined) rows += read.lines
    if (told !== undefined) compare(file, told, read, "rows", findings)
  }

  if (manifest !== undefined) {
    const tasks = Object.entries(manifest.tasks)
    for (const [task, counts] of tasks)
      for (const what of checkSums(task, counts)) findings.add({ file: manifestFile, what })
    const examples = tasks.reduce((sum, [, counts]) => sum + counts.examples, 0)
    const told = manifest.outputs.reduce((sum, output) => sum + output.rows, 0)
    if (examples !== told)
      findings.add({
        file: manifestFile,
        what: "the examples of all tasks are not the rows of all outputs",
        expected: examples,
        actual: told,
      })
  }

  const beside =
    manifest?.ledger !== undefined && isPlainName(manifest.ledger.file)
      ? join(dirname(outputFile), manifest.ledger.file)
      : `${outputFile}.ledger.jsonl.gz`
  const isExpected = expectsLedger(manifest, ledgerFile)
  const ledgerLines = await readLedger(ledgerFile ?? beside, manifest, isExpected, findings, signal)
  const inputs =
    dataFolder === undefined
      ? null
      : await readInputs(manifest?.inputs ?? [], dataFolder, manifestFile, findings, signal)
  if (signal.aborted) throw new Error("interrupted")
  return {
    output: outputFile,
    manifest: manifestFile,
    findings: findings.list(),
    summary: { findings: findings.count(), outputs, rows, bytes, ledgerLines, inputs },
  }
}

/**
 * Reads an output again, and its manifest and ledger, and tells what is not as it was written. Damage is a finding, not
 * an error; an error is only that there is nothing to read at all.
 */
export const verify = (outputFile: string, options: VerifyOptions = {}): Effect.Effect<VerifyReport, VerifyError> =>
  Effect.tryPromise({
    try: (signal) => check(outputFile, options, signal),
    catch: (cause) =>
      cause instanceof VerifyError
        ? cause
        : new VerifyError({ reason: "Unreadable", file: outputFile, detail: detailOf(cause) }),
  })

// -------------------------------------------------------------------------------------------------------------- render

const number = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`

const findingText = ({ actual, expected, file, line, what }: Finding): string => {
  const facts = [
    ...(expected === undefined ? [] : [`expected ${expected}`]),
    ...(actual === undefined ? [] : [expected === undefined ? String(actual) : `found ${actual}`]),
  ]
  const place = line === undefined ? file : `${file}:${line}`
  return terminalLine(`${place}: ${what}${facts.length === 0 ? "" : `: ${facts.join(", ")}`}`)
}

/** The report as a person reads it: a line a finding, then what was read. */
export const render = ({ findings, output, summary }: VerifyReport): string => {
  const { bytes, inputs, ledgerLines, rows } = summary
  const read = [
    number(rows, "row"),
    number(bytes, "byte"),
    ledgerLines === null ? "no ledger" : `ledger of ${number(ledgerLines, "line")}`,
    ...(inputs === null
      ? []
      : [`${number(inputs.checked, "input")}${inputs.skipped === 0 ? "" : ` (${inputs.skipped} not looked for)`}`]),
  ].join(", ")
  const verdict = summary.findings === 0 ? "as it was written" : number(summary.findings, "finding")
  return [...findings.map(findingText), `${terminalLine(output)}: ${verdict} (${read})`, ""].join("\n")
}
