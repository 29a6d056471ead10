import { healthCheckSchema } from '../../../contracts/health.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

export const getTemporalHealth = defineEndpoint({
  id: 'getTemporalHealth',
  method: 'get',
  path: '/health/temporal',
  tag: 'health',
  summary: 'Tell whether Temporal answers',
  auth: 'none',
  failures: [],
  input: {},
  output: { status: 200, description: 'It does', schema: healthCheckSchema, alsoStatus: [{ status: 503, description: 'It does not' }] },
  handler: async (_input, { deps }) => {
    const check = await deps.health.temporal();
    return { reply: { kind: 'json', status: check.status === 'ok' ? 200 : 503, text: JSON.stringify(check) } };
  },
});
