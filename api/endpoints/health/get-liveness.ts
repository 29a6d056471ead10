import { livenessSchema } from '../../../contracts/health.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

export const getLiveness = defineEndpoint({
  id: 'getLiveness',
  method: 'get',
  path: '/health/live',
  tag: 'health',
  summary: 'Tell that this process is alive, whatever the state of what it needs',
  auth: 'none',
  failures: [],
  input: {},
  output: { status: 200, description: 'It is alive', schema: livenessSchema },
  handler: async () => ({ status: 'ok' as const }),
});
