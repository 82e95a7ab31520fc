/** Filters of an app's own. */
import type { FilterDefinition } from "../domain/Component.ts"
import { Filters } from "../services/Registry.ts"

/** A filter: either `judge`, which needs only the episode, or `memory`, which sees the episodes before it. */
export const define = (
  given: Omit<FilterDefinition, "description"> & Partial<Pick<FilterDefinition, "description">>,
): FilterDefinition => ({ description: "", ...given })

/** Adds a filter to those that a config can name. */
export const layer = Filters.layerAdd
