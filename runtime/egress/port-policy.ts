/**
 * Ports of services that are never an agent but are often reachable without a password: databases, caches, queues,
 * remote desktops and the control planes of container systems.
 */
const deniedPorts: ReadonlySet<number> = new Set([
  1433, 1521, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 4369, 5432, 5671, 5672, 5900, 5901, 5984, 5985, 5986, 6379, 6443, 6666, 6667, 7233,
  8086, 9042, 9092, 9200, 9300, 10_250, 10_255, 11_211, 25_672, 27_017, 27_018, 27_019, 50_070,
]);

/** Whether a public address may be reached on this port without the operator's leave: 80, 443, or 1024 and up less the deny list. */
export function isOrdinaryPort(port: number): boolean {
  if (port === 80 || port === 443) return true;
  return port >= 1024 && port <= 65_535 && !deniedPorts.has(port);
}
