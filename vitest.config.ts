import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Tests of hostile input and of the built command take their time on a machine with other work.
    testTimeout: 60_000,
    poolOptions: { forks: { minForks: 1, maxForks: 2 } },
  },
})
