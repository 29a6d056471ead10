/**
 * Milliseconds of processor time that `work` takes on this thread. Unlike the time on the wall it stays the same when
 * other tests share the machine, so that a bound can be tight.
 */
export function cpuTimeMs(work: () => unknown): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}
