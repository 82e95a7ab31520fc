import type { TaskDefinition } from "../../domain/Component.ts"
import { AesirRoleplayTask } from "./AesirRoleplayTask.ts"
import { AiroborosInstructionFollowingTask } from "./AiroborosInstructionFollowingTask.ts"
import { AiTownRoleplayTask } from "./AiTownRoleplayTask.ts"
import { AlpacaTask } from "./AlpacaTask.ts"
import { CharacterAiRoleplayTask } from "./CharacterAiRoleplayTask.ts"
import { MessagesTask } from "./MessagesTask.ts"
import { NoRobotsInstructionFollowingTask } from "./NoRobotsInstructionFollowingTask.ts"
import { OpenCaiRoleplayTask } from "./OpenCaiRoleplayTask.ts"
import { PreferenceTask } from "./PreferenceTask.ts"
import { PygClaudeRoleplayTask } from "./PygClaudeRoleplayTask.ts"
import { RpForumsRoleplayTask } from "./RpForumsRoleplayTask.ts"
import { ShareGptTask } from "./ShareGptTask.ts"
import { TeatimeRoleplayTask } from "./TeatimeRoleplayTask.ts"

/** The tasks of the package, sorted by name. */
export const tasks: ReadonlyArray<TaskDefinition> = [
  AesirRoleplayTask,
  AiTownRoleplayTask,
  AiroborosInstructionFollowingTask,
  AlpacaTask,
  CharacterAiRoleplayTask,
  MessagesTask,
  NoRobotsInstructionFollowingTask,
  OpenCaiRoleplayTask,
  PreferenceTask,
  PygClaudeRoleplayTask,
  RpForumsRoleplayTask,
  ShareGptTask,
  TeatimeRoleplayTask,
]
