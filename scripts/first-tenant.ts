/**
 * The one-shot of docker-compose.yml that makes the first organization with the demo agents as its targets, and writes for each
 * agent the environment it needs to report. Running it again changes nothing.
 */
import fs from 'node:fs';
import path from 'node:path';
import { demoAgents, openLocalSettings, saveLocalSettings } from './stack/local-settings.ts';
import { ensureTenant } from './stack/local-tenant.ts';

const stateDir = required('STATE_DIR');
const agentUrls = { careless: required('CARELESS_AGENT_URL'), hardened: required('HARDENED_AGENT_URL') };

// The agents run in containers of their own, so no port of this one matters.
const settings = await openLocalSettings(stateDir, (port) => Promise.resolve(port ?? 0));
const { tenant, isNew } = await ensureTenant({
  settings,
  agentUrl: (agent) => agentUrls[agent],
  apiUrl: required('API_URL'),
  databaseUrl: required('DATABASE_URL'),
});
saveLocalSettings(stateDir, { ...settings, tenant });
for (const agent of demoAgents) {
  const lines = [
    `AGENT=${agent}`,
    `AGENT_CANARY=${settings.agents[agent].canary}`,
    `ORDEAL_SIDECAR_TOKEN=${tenant.targets[agent].sidecarToken}`,
  ];
  fs.writeFileSync(path.join(stateDir, `${agent}.env`), `${lines.join('\n')}\n`, { mode: 0o600 });
}
if (isNew) process.stdout.write(`API key, printed this once: ${tenant.apiKey}\n`);
process.stdout.write(`project ${tenant.projectId}\n`);
for (const agent of demoAgents) process.stdout.write(`target ${tenant.targets[agent].targetId} (${agent} demo agent)\n`);

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} must be set`);
  return value;
}
