import type { FormatDefinition } from "../../domain/Component.ts"
import { Metharme } from "./Metharme.ts"
import { OpenChat } from "./OpenChat.ts"
import { ShareGpt } from "./ShareGpt.ts"

/** The formats of the package, sorted by name. */
export const formats: ReadonlyArray<FormatDefinition> = [Metharme, OpenChat, ShareGpt]
