import type { FormatDefinition } from "../../domain/Component.ts"
import { Alpaca } from "./Alpaca.ts"
import { ChatMl } from "./ChatMl.ts"
import { FastChat } from "./FastChat.ts"
import { Metharme } from "./Metharme.ts"
import { OpenAi } from "./OpenAi.ts"
import { OpenAiWeighted } from "./OpenAiWeighted.ts"
import { OpenChat } from "./OpenChat.ts"
import { Preference } from "./Preference.ts"
import { PreferenceOpenAi } from "./PreferenceOpenAi.ts"
import { PreferenceShareGpt } from "./PreferenceShareGpt.ts"
import { PromptCompletion } from "./PromptCompletion.ts"
import { PromptCompletionText } from "./PromptCompletionText.ts"
import { Pygmalion } from "./Pygmalion.ts"
import { Segments } from "./Segments.ts"
import { ShareGpt } from "./ShareGpt.ts"
import { Template } from "./Template.ts"
import { Tokenized } from "./Tokenized.ts"

/** The formats of the package, sorted by name. */
export const formats: ReadonlyArray<FormatDefinition> = [
  Alpaca,
  ChatMl,
  FastChat,
  Metharme,
  OpenAi,
  OpenAiWeighted,
  OpenChat,
  Preference,
  PreferenceOpenAi,
  PreferenceShareGpt,
  PromptCompletion,
  PromptCompletionText,
  Pygmalion,
  Segments,
  ShareGpt,
  Template,
  Tokenized,
]
