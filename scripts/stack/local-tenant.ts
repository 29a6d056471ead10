import { z } from 'zod';
import { projectSchema } from '../../contracts/project.ts';
import { mintedSidecarTokenSchema } from '../../contracts/sidecar-token.ts';
import { targetSchema } from '../../contracts/target.ts';
import { createOrganization } from '../../db/create-organization.ts';
import { closeDatabase, openDatabase } from '../../db/open-database.ts';
import { type ApiConnection, ApiProblem, connectToApi } from './api-connection.ts';
import { type DemoAgent, type LocalSettings, type LocalTenant } from './local-settings.ts';

export interface TenantOptions {
  readonly settings: Pick<LocalSettings, 'tenant' | 'agents'>;
  /** Where the worker reaches an agent. */
  readonly agentUrl: (agent: DemoAgent) => string;
  readonly apiUrl: string;
  readonly databaseUrl: string;
}

/**
 * Returns the organization with a project and the demo agents as its targets; `isNew` when it had to be made, because there was
 * none or this database does not know it.
 */
export async function ensureTenant(options: TenantOptions): Promise<{ readonly tenant: LocalTenant; readonly isNew: boolean }> {
  const known = options.settings.tenant;
  if (known !== null && (await isKnown(options.apiUrl, known))) return { tenant: await followAgents(known, options), isNew: false };
  const database = openDatabase({ url: options.databaseUrl, maxConnections: 1, onIdleError: () => undefined });
  try {
    const { orgId, apiKey } = await createOrganization(database, { name: 'Local' });
    const api = connectToApi(options.apiUrl, apiKey);
    const { projectId } = await api.post('/api/projects', { name: 'Demo' }, projectSchema);
    const [careless, hardened] = await Promise.all([
      createTarget(api, { ...options, projectId, agent: 'careless' }),
      createTarget(api, { ...options, projectId, agent: 'hardened' }),
    ]);
    return { tenant: { apiKey, orgId, projectId, targets: { careless, hardened } }, isNew: true };
  } finally {
    await closeDatabase(database);
  }
}

/** An agent that had to move to another port is a new target: results of the old one stay with the old one. */
async function followAgents(tenant: LocalTenant, options: TenantOptions): Promise<LocalTenant> {
  const api = connectToApi(options.apiUrl, tenant.apiKey);
  const follow = (agent: DemoAgent) =>
    tenant.targets[agent].port === options.settings.agents[agent].port
      ? tenant.targets[agent]
      : createTarget(api, { ...options, projectId: tenant.projectId, agent });
  const [careless, hardened] = await Promise.all([follow('careless'), follow('hardened')]);
  return { ...tenant, targets: { careless, hardened } };
}

async function isKnown(apiUrl: string, tenant: LocalTenant): Promise<boolean> {
  try {
    await connectToApi(apiUrl, tenant.apiKey).get(`/api/projects/${tenant.projectId}`, z.unknown());
    return true;
  } catch (error) {
    if (error instanceof ApiProblem && (error.status === 401 || error.status === 404)) return false;
    throw error;
  }
}

/** Creates the target through the API, as anybody would who points Ordeal at an agent of their own. */
async function createTarget(
  api: ApiConnection,
  { projectId, agent, agentUrl, settings }: TenantOptions & { readonly projectId: string; readonly agent: DemoAgent },
) {
  const { port, canary } = settings.agents[agent];
  const moved = settings.tenant === null ? '' : ` on port ${port}`;
  const { targetId } = await api.post(
    `/api/projects/${projectId}/targets`,
    {
      name: `${agent} demo agent${moved}`,
      definition: {
        kind: 'http',
        url: agentUrl(agent),
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: { message: '{{prompt}}', sessionId: '{{session}}' },
        answerPath: '$.reply',
        session: { source: 'client' },
        idempotent: false,
        concurrency: 4,
        timeoutMs: 15_000,
        sidecar: true,
        canaries: { system_prompt: canary },
      },
    },
    targetSchema,
  );
  const { token } = await api.post(`/api/targets/${targetId}/sidecar-tokens`, { name: 'demo agent' }, mintedSidecarTokenSchema);
  return { targetId, sidecarToken: token, port };
}
