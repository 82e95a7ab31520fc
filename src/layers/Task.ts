/** Tasks of an app's own. */
import type { TaskDefinition } from "../domain/Component.ts"
import { Tasks } from "../services/Registry.ts"

type Filled = "description" | "prefix" | "clean" | "placeholders" | "suggestedFilters"

/** A task with the usual values filled in: identifiers begin with its name, texts are cleaned as chats are. */
export const define = <A>(
  given: Omit<TaskDefinition<A>, Filled> & Partial<Pick<TaskDefinition<A>, Filled>>,
): TaskDefinition<A> => ({
  description: "",
  prefix: given.name.replace(/(?<=.)Task$/, "").toLowerCase(),
  clean: "chat",
  placeholders: [],
  suggestedFilters: [],
  ...given,
})

/** Adds a task to those that a config can name. */
export const layer = Tasks.layerAdd
