/**
 * `npm run plan -- <organization> <plan> [quota=limit …]` gives an organization a plan, and limits of its own where those of
 * the plan do not fit: `npm run plan -- org_… free runsPerDay=20 storedEvents=none`. DATABASE_URL names the application's role.
 */
import { closeDatabase, openDatabase } from '../db/open-database.ts';
import { setPlan } from '../db/usage/set-plan.ts';
import { withOrg } from '../db/with-org.ts';
import { idPattern, type OrgId } from '../domain/ids.ts';
import { planLimits, plans, quotaNames, type Plan, type QuotaOverrides } from '../domain/quotas.ts';

const [orgId = '', plan = '', ...limits] = process.argv.slice(2);
if (!new RegExp(idPattern('organization')).test(orgId)) fail('The first argument must be the id of an organization, org_….');
if (!(plans as readonly string[]).includes(plan)) fail(`The second argument must be a plan: ${plans.join(', ')}.`);
const overrides: QuotaOverrides = Object.fromEntries(limits.map(readLimit));

const url = process.env['DATABASE_URL'];
if (url === undefined || url === '') fail('DATABASE_URL is required: the role of the application.');
const database = openDatabase({ url, maxConnections: 1, onIdleError: () => undefined });
try {
  const to = { plan: plan as Plan, overrides };
  if (!(await withOrg(database, orgId as OrgId, (tx) => setPlan(tx, orgId as OrgId, to)))) fail(`There is no organization ${orgId}.`);
  for (const [name, limit] of Object.entries({ ...planLimits[to.plan], ...overrides })) {
    process.stdout.write(`${name.padEnd(22)}${limit === null ? 'none' : limit.toLocaleString('en-US')}\n`);
  }
} finally {
  await closeDatabase(database);
}

function readLimit(text: string): [string, number | null] {
  const [, name = '', value = ''] = /^([A-Za-z]+)=(none|\d{1,12})$/.exec(text) ?? [];
  const names: readonly string[] = [...quotaNames, 'retentionDays'];
  if (!names.includes(name)) fail(`"${text}" is not quota=limit with a number or "none". Quotas: ${names.join(', ')}.`);
  return [name, value === 'none' ? null : Number(value)];
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
