// Loaded before a program: at its end, writes what the whole process (all its threads) has used.
import { writeFileSync } from "node:fs"

const file = process.env.BENCH_USAGE
const started = performance.now()
if (file !== undefined && process.env.BENCH_DONE === undefined) {
  process.env.BENCH_DONE = "1"
  process.on("exit", () => {
    const { maxRSS, systemCPUTime, userCPUTime } = process.resourceUsage()
    writeFileSync(
      file,
      JSON.stringify({
        cpu: (userCPUTime + systemCPUTime) / 1e6,
        wall: (performance.now() - started) / 1e3,
        rss: maxRSS / 1024,
      }),
    )
  })
}
