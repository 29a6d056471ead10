/**
 * `npm run emergency-stop -- --by NAME --reason TEXT`: for operators. Halts every organization of the installation, with
 * the environment of a worker; `--lift` ends that again. It needs PostgreSQL alone: while Temporal is away the ledgers are shut
 * all the same, and the reconciler tells the workflows later.
 */
import { parseArgs } from 'node:util';

import { haltOrganization, liftHalt } from '../db/guard/emergency-stop.ts';
import { insertAudit } from '../db/insert-audit.ts';
import { closeDatabase, openDatabase } from '../db/open-database.ts';
import { listOrganizationIds } from '../db/system-queries.ts';
import { withOrg } from '../db/with-org.ts';
import type { OrgId, RunId } from '../domain/ids.ts';
import { connectTemporal } from '../orchestration/connect-temporal.ts';
import { createRunClient } from '../orchestration/run-client.ts';
import { signalStops } from '../orchestration/signal-stops.ts';
import { workerEnv } from '../runtime/env.ts';
import { createLogger } from '../runtime/logger.ts';
import { sha256Hex } from '../runtime/sha256.ts';

const organizationsAtOnce = 10;

const { by, reason, lift } = parseArgs({
  options: { by: { type: 'string' }, reason: { type: 'string' }, lift: { type: 'boolean', default: false } },
}).values;
if (by === undefined || (reason === undefined && !lift)) {
  process.stderr.write('Usage: npm run emergency-stop -- --by NAME (--reason TEXT | --lift)\n');
  process.exit(2);
}
const env = workerEnv(process.env);
const log = createLogger({ name: 'emergency-stop', level: env.logLevel });
const database = openDatabase({ url: env.databaseUrl, maxConnections: organizationsAtOnce, onIdleError: () => undefined });
const temporal = connectTemporal(env.temporal);
const runs = createRunClient({ temporal, database, taskQueue: env.temporal.taskQueue });
const actor = `operator ${by}`;

try {
  const waiting = await listOrganizationIds(database);
  const total = waiting.length;
  const stopped: RunId[] = [];
  const work = async (): Promise<void> => {
    for (let orgId = waiting.pop(); orgId !== undefined; orgId = waiting.pop()) {
      if (lift) await liftOne(orgId);
      else stopped.push(...(await haltOne(orgId, reason ?? '')));
    }
  };
  await Promise.all(Array.from({ length: organizationsAtOnce }, work));
  if (!lift) {
    process.stdout.write(
      `${total} organizations are halted, ${stopped.length} live runs are stopped: no request of any starts any more.\n`,
    );
    await signalStops({ runs, log }, stopped, `an emergency stop by ${actor}`);
  } else process.stdout.write(`${total} organizations may start runs again.\n`);
} finally {
  await Promise.all([temporal.close(), closeDatabase(database)]);
}

async function haltOne(orgId: OrgId, why: string): Promise<readonly RunId[]> {
  return withOrg(database, orgId, async (tx) => {
    const { isNew, runIds } = await haltOrganization(tx, { orgId, givenBy: 'operator', by: actor, reason: why });
    const detail = { runs: runIds.length, reasonSha256: sha256Hex(why) };
    if (isNew || runIds.length > 0)
      await insertAudit(tx, { orgId, actor, action: 'organization.halt', objectType: 'organization', objectId: orgId, detail });
    return runIds;
  });
}

async function liftOne(orgId: OrgId): Promise<void> {
  await withOrg(database, orgId, async (tx) => {
    if (!(await liftHalt(tx, orgId, 'operator'))) return;
    await insertAudit(tx, { orgId, actor, action: 'organization.lift_halt', objectType: 'organization', objectId: orgId });
  });
}
