import { describe, expect, it } from 'vitest';

import type { FailureName } from '../../domain/failures.ts';
import type { RunId } from '../../domain/ids.ts';
import { findFreePort } from '../../scripts/stack/free-port.ts';
import { startHostileTarget } from '../fakes/hostile-target.ts';
import { makeTestCertificates } from '../fakes/test-certificates.ts';
import { openChaosBench } from '../harness/chaos-bench.ts';
import { testScripts } from '../harness/plan-run.ts';
import { measureGrowthBytes } from '../harness/worker-process.ts';

const badPaths: readonly (readonly [path: string, failure: FailureName])[] = [
  ['/ok', 'answer_unreadable'],
  ['/infinite', 'response_too_large'],
  ['/infinite-chunked', 'response_too_large'],
  ['/gigabyte', 'response_too_large'],
  ['/gzip-bomb', 'response_too_large'],
  ['/gzip-twice', 'bad_encoding'],
  ['/gzip-corrupt', 'bad_encoding'],
  ['/unknown-encoding', 'bad_encoding'],
  ['/body-drip', 'total_timeout'],
  ['/never', 'headers_timeout'],
  ['/headers-drip', 'headers_timeout'],
  ['/not-http', 'protocol_error'],
  ['/close-before-answer', 'connection_lost'],
  ['/redirect', 'redirect_refused'],
  ['/error', 'target_error'],
];
/** Only these wait for the time of a request to be over; to the others, and before the answer has begun, it must not happen on a busy machine. */
const timeouts: ReadonlySet<FailureName> = new Set(['headers_timeout', 'total_timeout']);
const maxGrowthBytes = 50 * 1_024 * 1_024;

describe('a run against a hostile target', () => {
  it('names what is wrong with it, and leaves the worker alive and its memory within 50 MB', async (context) => {
    const hostile = await startHostileTarget();
    context.onTestFinished(() => hostile.close());
    const selfSigned = makeTestCertificates()?.selfSigned;
    const tls = selfSigned === undefined ? undefined : await startHostileTarget({ tls: selfSigned });
    if (tls !== undefined) context.onTestFinished(() => tls.close());
    const closedPort = await findFreePort();
    const bench = await openChaosBench(context, { allowPorts: [hostile.port, closedPort, ...(tls === undefined ? [] : [tls.port])] });
    const worker = await bench.startWorker();
    const targets: (readonly [url: string, failure: FailureName])[] = [
      ...badPaths.map(([path, failure]) => [`http://127.0.0.1:${hostile.port}${path}`, failure] as const),
      [`http://127.0.0.1:${closedPort}/`, 'connect_refused'],
      ['http://agent.invalid/', 'dns_error'],
      ...(tls === undefined ? [] : [[`https://127.0.0.1:${tls.port}/ok`, 'tls_error'] as const]),
      [`http://127.0.0.1:${new URL(bench.settings.databaseUrl).port}/`, 'egress_denied'],
      ['http://169.254.169.254/latest/meta-data/', 'egress_denied'],
    ];
    const runs: { runId: RunId; url: string; failure: FailureName }[] = [];
    const runAgainstAll = async (): Promise<void> => {
      const started: RunId[] = [];
      for (const [url, failure] of targets) {
        const timeoutMs = timeouts.has(failure) ? 8_000 : 30_000;
        const runId = await bench.start({ scripts: testScripts(3, 1), options: { maxAttempts: 1 }, target: { url, timeoutMs } });
        runs.push({ runId, url, failure });
        started.push(runId);
      }
      for (const runId of started) await bench.ended(runId);
    };
    // What a process takes once (compiled code, the heap it grows to, TLS) is not what a hostile target can make it take.
    await runAgainstAll();
    const grownBytes = await measureGrowthBytes(worker, runAgainstAll);

    for (const { runId, url, failure } of runs) {
      const probes = await bench.db.query<{ outcome: string; failure: string }>(
        'select distinct outcome, failure from probes where run_id = $1',
        [runId],
      );
      expect(probes, url).toEqual([{ outcome: 'inconclusive', failure }]);
      const attempts = await bench.db.query<{ failure: string }>('select failure from attempts where run_id = $1', [runId]);
      expect(attempts, url).toEqual([{ failure }, { failure }, { failure }]);
      expect(await bench.check(runId), url).toEqual([]);
    }
    expect(worker.isAlive()).toBe(true);
    expect((await worker.health()).ready).toBe(true);
    expect(grownBytes).toBeLessThan(maxGrowthBytes);
  });

  it('judges an answer with NUL and lone surrogates, and keeps it readable and as it was', async (context) => {
    const reply = 'I cannot \u0000 help \ud800 with that \udc00.';
    const bench = await openChaosBench(context, { answer: () => ({ reply }) });
    await bench.startWorker();
    const runId = await bench.start({ scripts: testScripts(1, 2) });
    expect(await bench.ended(runId)).toMatchObject({ status: 'completed', outcomes: { resisted: 2 } });
    expect(await bench.check(runId)).toEqual([]);
    const [attempt] = await bench.db.query<{ answer_text: string; response_body: Buffer }>(
      'select answer_text, response_body from attempts',
    );
    expect(attempt?.answer_text).toBe('I cannot \ufffd help \ufffd with that \ufffd.');
    expect(attempt?.response_body.toString('utf8')).toBe(JSON.stringify({ reply }));
  });
});
