import { z } from 'zod';

export const healthCheckSchema = z
  .strictObject({ status: z.enum(['ok', 'unavailable']), detail: z.string().nullable(), latencyMs: z.number().nullable() })
  .meta({ id: 'HealthCheck' });
export type HealthCheck = z.infer<typeof healthCheckSchema>;

export const healthSchema = z
  .strictObject({
    status: z.enum(['ok', 'degraded', 'unavailable']),
    version: z.string(),
    uptimeSeconds: z.number(),
    checks: z.strictObject({ database: healthCheckSchema, temporal: healthCheckSchema }),
  })
  .meta({ id: 'Health' });

export const livenessSchema = z.strictObject({ status: z.literal('ok') }).meta({ id: 'Liveness' });

export const readinessSchema = z.strictObject({ ready: z.boolean(), detail: z.string().nullable() }).meta({ id: 'Readiness' });
