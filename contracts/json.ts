import { z } from 'zod';
import type { JsonValue } from '../domain/target.ts';

/** Any JSON value. Its depth was bounded when the body was read. */
export const jsonValueSchema = z.unknown().meta({ description: 'Any JSON value', override: {} }) as unknown as z.ZodType<JsonValue>;
