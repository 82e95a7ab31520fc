/** Formats of an app's own. */
import type { FormatDefinition } from "../domain/Component.ts"
import { commonTokens } from "../domain/RoleTokens.ts"
import { Formats } from "../services/Registry.ts"

type Filled = "description" | "container" | "trainers" | "roleTokens" | "lengthText"

/** A format with the usual values filled in: JSON lines, guarded against the control tokens of all common templates. */
export const define = (
  given: Omit<FormatDefinition, Filled> & Partial<Pick<FormatDefinition, Filled>>,
): FormatDefinition => ({
  description: "",
  container: "jsonl",
  trainers: [],
  roleTokens: commonTokens,
  lengthText: (turn) => turn.text,
  ...given,
})

/** Adds a format to those that can be written. */
export const layer = Formats.layerAdd
