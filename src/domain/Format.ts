/** A format as a run uses it: with the settings of the run, and with what its definition may leave out. */
import { compileChatTemplate } from "./ChatTemplate.ts"
import type { FormatDefinition, FormatSettings, OpenFormat, Takes } from "./Component.ts"
import type { TargetFormat } from "./Target.ts"

/** What a format takes that says nothing of it. */
export const anyTurns: Takes = { greeting: true, alternatives: false }

/** Throws with what is wrong with the settings, for a person. */
export const openFormat = (
  format: FormatDefinition,
  settings: FormatSettings,
): OpenFormat & TargetFormat & Pick<FormatDefinition, "container"> => {
  const opened = { ...format, ...format.open?.(settings) }
  const open = { ...opened, loss: format.loss ?? "turns", takes: opened.takes ?? anyTurns }
  if (format.template !== "trainer" || settings.template === undefined) return open
  const { render, roleTokens, takes } = compileChatTemplate(settings.template)
  return {
    ...open,
    takes: { ...open.takes, greeting: open.takes.greeting && takes.greeting },
    roleTokens: [...new Set([...open.roleTokens, ...roleTokens])],
    // A trainer sees the reply that was chosen, and the others, each after the same turns.
    tokens: ({ alternatives = [], turns }, count) => {
      const before = turns.slice(0, -1)
      const others = alternatives.map((text) => count(render([...before, { kind: "model", text }])))
      return Math.max(count(render(turns)), ...others)
    },
  }
}

/** The same format with another encoding around its own, also where its settings give it one. */
export const withEncode = (
  format: FormatDefinition,
  around: (encode: OpenFormat["encode"]) => OpenFormat["encode"],
): FormatDefinition => {
  const { encode, open } = format
  if (open === undefined) return { ...format, encode: around(encode) }
  return {
    ...format,
    encode: around(encode),
    open: (settings) => {
      const opened = open(settings)
      return { ...opened, encode: around(opened.encode ?? encode) }
    },
  }
}
