import { setTimeout as sleep } from 'node:timers/promises';

/** Looks every 50 ms until `look` finds something; fails with what it was waiting for. */
export async function waitUntil<Found>(
  what: string,
  look: () => Promise<Found | undefined | null | false>,
  timeoutMs = 60_000,
): Promise<Found> {
  const giveUpAtMs = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > giveUpAtMs) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}`);
    await sleep(50);
  }
}
