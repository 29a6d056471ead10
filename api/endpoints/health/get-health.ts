import { healthSchema } from '../../../contracts/health.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

export const getHealth = defineEndpoint({
  id: 'getHealth',
  method: 'get',
  path: '/health',
  tag: 'health',
  summary: 'Tell how this process and what it needs are doing',
  auth: 'none',
  failures: [],
  input: {},
  output: {
    status: 200,
    description: 'Everything that is needed answers, or all but Temporal and Redis',
    schema: healthSchema,
    alsoStatus: [{ status: 503, description: 'PostgreSQL does not answer, or the process starts or ends' }],
  },
  handler: async (_input, { deps }) => {
    const [database, temporal, redis, unreadiness] = await Promise.all([
      deps.health.database(),
      deps.health.temporal(),
      deps.health.redis(),
      deps.health.unreadiness(),
    ]);
    const whenReady = temporal.status === 'ok' && redis.status !== 'unavailable' ? 'ok' : 'degraded';
    const status = unreadiness === undefined ? whenReady : 'unavailable';
    const checks = { database, temporal, redis };
    const body = { status, version: deps.version, uptimeSeconds: Math.round(process.uptime()), checks };
    return { reply: { kind: 'json', status: unreadiness === undefined ? 200 : 503, text: JSON.stringify(body) } };
  },
});
