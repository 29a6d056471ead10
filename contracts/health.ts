import { z } from 'zod';

export const healthCheckSchema = z
  .strictObject({ status: z.enum(['ok', 'unavailable']), detail: z.string().nullable(), latencyMs: z.number().nullable() })
  .meta({ id: 'HealthCheck' });
export type HealthCheck = z.infer<typeof healthCheckSchema>;

export const redisHealthSchema = z
  .strictObject({
    status: z.enum(['ok', 'unavailable', 'not_configured']),
    detail: z.string().nullable(),
    latencyMs: z.number().nullable(),
    limiter: z
      .enum(['redis', 'local'])
      .meta({ description: 'Who counts requests and events: Redis for all processes, or this one its share' }),
    localDecisions: z.int().meta({ description: 'Checks that this process decided by itself because Redis was away, since it started' }),
  })
  .meta({ id: 'RedisHealth' });
export type RedisHealth = z.infer<typeof redisHealthSchema>;

export const healthSchema = z
  .strictObject({
    status: z.enum(['ok', 'degraded', 'unavailable']),
    version: z.string(),
    uptimeSeconds: z.number(),
    checks: z.strictObject({ database: healthCheckSchema, temporal: healthCheckSchema, redis: redisHealthSchema }),
  })
  .meta({ id: 'Health' });

export const livenessSchema = z.strictObject({ status: z.literal('ok') }).meta({ id: 'Liveness' });

export const readinessSchema = z.strictObject({ ready: z.boolean(), detail: z.string().nullable() }).meta({ id: 'Readiness' });
