import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { connectTemporal } from './connect-temporal.ts';

const nobodyListens = { address: '127.0.0.1:1', namespace: 'default' };

describe('a connection to a Temporal that is away', () => {
  it('is closed only when the calls that are tried again have ended, so that none of them breaks the process', async () => {
    const temporal = connectTemporal(nobodyListens);
    const calls = Array.from({ length: 20 }, () => temporal.call((client) => client.workflow.getHandle('any').describe(), 1_000));
    const ends = Promise.allSettled(calls).then((settled) => settled.map((end) => end.status === 'rejected' && end.reason));
    let haveEnded = false;
    void ends.then(() => (haveEnded = true));
    await sleep(150);
    await temporal.close();
    expect(haveEnded).toBe(true);
    for (const error of await ends) expect(error).toMatchObject({ failure: 'temporal_unavailable' });
  });

  it('refuses what comes after it was closed', async () => {
    const temporal = connectTemporal(nobodyListens);
    await temporal.close();
    const late = temporal.call((client) => client.workflow.getHandle('any').describe());
    await expect(late).rejects.toMatchObject({ failure: 'temporal_unavailable' });
  });
});
