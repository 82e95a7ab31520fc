/**
 * Components of one kind by name. Each component's layer adds itself, so that an embedding app extends the toolbox by
 * merging a layer.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { FilterDefinition, FormatDefinition, TaskDefinition } from "../domain/Component.ts"

export interface Registry<A> {
  readonly kind: string
  /** Sorted by name. */
  readonly all: () => ReadonlyArray<A>
  readonly find: (name: string) => A | undefined
  /** Two components of one name are a bug in the app: a defect. */
  readonly add: (component: A) => void
}

const make = <A extends { readonly name: string }>(
  kind: string,
  components: ReadonlyArray<A>,
  key: (name: string) => string = (name) => name,
): Registry<A> => {
  const byName = new Map<string, A>()
  const add = (component: A): void => {
    const known = byName.get(key(component.name))
    if (known === component) return
    if (known !== undefined) throw new Error(`two ${kind}s are called "${component.name}"`)
    byName.set(key(component.name), component)
  }
  components.forEach(add)
  return {
    kind,
    all: () => [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    find: (name) => byName.get(key(name)),
    add,
  }
}

/** The tasks that a config can name. */
export class Tasks extends Context.Tag("data-toolbox/Tasks")<Tasks, Registry<TaskDefinition>>() {
  static readonly layerOf = (tasks: ReadonlyArray<TaskDefinition>): Layer.Layer<Tasks> =>
    Layer.sync(Tasks, () => make("task", tasks))
  /** Adds one task to the registry. */
  static readonly layerAdd = (task: TaskDefinition): Layer.Layer<never, never, Tasks> =>
    Layer.effectDiscard(Effect.map(Tasks, (registry) => registry.add(task)))
}

/** The filters that a config can name. */
export class Filters extends Context.Tag("data-toolbox/Filters")<Filters, Registry<FilterDefinition>>() {
  static readonly layerOf = (filters: ReadonlyArray<FilterDefinition>): Layer.Layer<Filters> =>
    Layer.sync(Filters, () => make("filter", filters))
  static readonly layerAdd = (filter: FilterDefinition): Layer.Layer<never, never, Filters> =>
    Layer.effectDiscard(Effect.map(Filters, (registry) => registry.add(filter)))
}

/** The output formats, found without regard to letter case. */
export class Formats extends Context.Tag("data-toolbox/Formats")<Formats, Registry<FormatDefinition>>() {
  static readonly layerOf = (formats: ReadonlyArray<FormatDefinition>): Layer.Layer<Formats> =>
    Layer.sync(Formats, () => make("format", formats, (name) => name.toLowerCase()))
  static readonly layerAdd = (format: FormatDefinition): Layer.Layer<never, never, Formats> =>
    Layer.effectDiscard(Effect.map(Formats, (registry) => registry.add(format)))
}
