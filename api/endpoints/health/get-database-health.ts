import { healthCheckSchema } from '../../../contracts/health.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

export const getDatabaseHealth = defineEndpoint({
  id: 'getDatabaseHealth',
  method: 'get',
  path: '/health/db',
  tag: 'health',
  summary: 'Tell whether PostgreSQL answers',
  auth: 'none',
  failures: [],
  input: {},
  output: { status: 200, description: 'It does', schema: healthCheckSchema, alsoStatus: [{ status: 503, description: 'It does not' }] },
  handler: async (_input, { deps }) => {
    const check = await deps.health.database();
    return { reply: { kind: 'json', status: check.status === 'ok' ? 200 : 503, text: JSON.stringify(check) } };
  },
});
