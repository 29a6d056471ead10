import { readinessSchema } from '../../../contracts/health.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

export const getReadiness = defineEndpoint({
  id: 'getReadiness',
  method: 'get',
  path: '/health/ready',
  tag: 'health',
  summary: 'Tell whether this process takes traffic',
  auth: 'none',
  failures: [],
  input: {},
  output: {
    status: 200,
    description: 'It does',
    schema: readinessSchema,
    alsoStatus: [{ status: 503, description: 'It does not, for the reason given' }],
  },
  handler: async (_input, { deps }) => {
    const detail = (await deps.health.unreadiness()) ?? null;
    const body = { ready: detail === null, detail };
    return { reply: { kind: 'json', status: body.ready ? 200 : 503, text: JSON.stringify(body) } };
  },
});
