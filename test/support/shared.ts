/** Test data beside the project, which is no part of it: tests that need it are skipped where it is absent. */
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../../../shared/", import.meta.url))

if (!existsSync(root)) console.warn("skipped: tests on ../shared, which is not there")

/** Absolute path of a file or folder of the test data. */
export const shared = (path: string): string => root + path
