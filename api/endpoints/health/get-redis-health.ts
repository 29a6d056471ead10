import { redisHealthSchema } from '../../../contracts/health.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

export const getRedisHealth = defineEndpoint({
  id: 'getRedisHealth',
  method: 'get',
  path: '/health/redis',
  tag: 'health',
  summary: 'Tell whether Redis answers, and who counts requests and events',
  auth: 'none',
  failures: [],
  input: {},
  output: {
    status: 200,
    description: 'It does, or none is configured',
    schema: redisHealthSchema,
    alsoStatus: [{ status: 503, description: 'It does not; limits are counted by each process for its share' }],
  },
  handler: async (_input, { deps }) => {
    const check = await deps.health.redis();
    return { reply: { kind: 'json', status: check.status === 'unavailable' ? 503 : 200, text: JSON.stringify(check) } };
  },
});
