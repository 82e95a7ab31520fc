/**
 * Thrown by a synchronous function that needs something which is loaded asynchronously, and only when it is needed: a
 * model of 200 MB that most runs never ask. Whoever runs the function loads it and begins again; that is why the function
 * must be pure.
 */
export class NotLoaded extends Error {
  readonly load: () => Promise<void>

  constructor(message: string, load: () => Promise<void>) {
    super(message)
    this.name = "NotLoaded"
    this.load = load
  }
}

/** Runs a pure function, and again after each thing that it asks for is loaded. */
export const loadAndRun = async <A>(run: () => A): Promise<A> => {
  for (;;) {
    try {
      return run()
    } catch (cause) {
      if (!(cause instanceof NotLoaded)) throw cause
      await cause.load()
    }
  }
}
