/** The inputs that the manifest names, digested again. */
import { isAbsolute, join } from "node:path"
import type { ManifestInput } from "../../domain/Report.ts"
import type { Findings } from "./Findings.ts"
import { checkFile, digestFile, isMissing } from "./ReadFile.ts"

const isInside = (file: string): boolean =>
  file !== "" && !isAbsolute(file) && !file.includes("\0") && !file.split(/[/\\]/).includes("..")

/** Digests again what the manifest names below the data folder. */
export const readInputs = async (
  inputs: ReadonlyArray<ManifestInput>,
  dataFolder: string,
  manifestFile: string,
  findings: Findings,
  signal: AbortSignal,
): Promise<{ readonly checked: number; readonly skipped: number }> => {
  let checked = 0
  let skipped = 0
  for (const { bytes, file: name, kind, sha256 } of inputs) {
    // A plug-in, say, is told by its base name: where it lies is not known. Files of filters may lie in the data folder.
    const isThere = kind === "filterData" && isInside(name) && (await checkFile(join(dataFolder, name))) === undefined
    if (kind !== "dataset" && !isThere) {
      skipped++
      continue
    }
    if (!isInside(name)) {
      findings.add({ file: manifestFile, what: "the name of an input leads out of the data folder", actual: name })
      continue
    }
    const file = join(dataFolder, name)
    const read = await digestFile(file, signal, () => undefined)
    checked++
    if (isMissing(read)) {
      findings.add({ file, ...read })
      continue
    }
    if (read.bytes !== bytes)
      findings.add({ file, what: "the number of bytes differs", expected: bytes, actual: read.bytes })
    if (read.sha256 !== sha256)
      findings.add({ file, what: "the SHA-256 differs", expected: sha256, actual: read.sha256 })
  }
  return { checked, skipped }
}
