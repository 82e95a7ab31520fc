import { Axolotl } from "./Axolotl.ts"
import { FastChat } from "./FastChat.ts"
import { HfDatasets } from "./HfDatasets.ts"
import { LlamaFactory } from "./LlamaFactory.ts"
import { Mistral, OpenAiService, Together } from "./Services.ts"
import { Torchtune } from "./Torchtune.ts"
import type { Trainer } from "./Trainer.ts"
import { Trl } from "./Trl.ts"
import { Unsloth } from "./Unsloth.ts"

/** The trainers that a file can be checked for, sorted by name. */
export const trainers: ReadonlyArray<Trainer> = [
  Axolotl,
  FastChat,
  HfDatasets,
  LlamaFactory,
  Mistral,
  OpenAiService,
  Together,
  Torchtune,
  Trl,
  Unsloth,
]

const plain = (name: string): string => name.toLowerCase().replace(/[\s_-]+/g, "")

/** A trainer by its name in any usual spelling. */
export const findTrainer = (name: string): Trainer | undefined =>
  trainers.find((one) => plain(one.name) === plain(name) || one.aliases.includes(plain(name)))
