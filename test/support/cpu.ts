/** Milliseconds of CPU time since `process.cpuUsage()`: unlike a clock, not of what else the machine is busy with. */
export const cpuSince = (from: NodeJS.CpuUsage): number => {
  const { system, user } = process.cpuUsage(from)
  return (user + system) / 1000
}
