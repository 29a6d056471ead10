import { z } from 'zod';
import { sidecarEventTypes } from '../../domain/sidecar-event.ts';
import { toolPattern } from '../detector.ts';
import { stepBaseShape } from './step-base.ts';

/** A wait for effects that come after the answers; what the sidecar has reported of the script is judged at its end. */
export const waitForEventsSchema = z.strictObject({
  ...stepBaseShape,
  kind: z.literal('wait_for_events'),
  evidence: z.literal('events', 'must be "events": there is no answer to judge').meta({ description: 'Always `events`' }),
  types: z
    .array(z.enum(sidecarEventTypes))
    .min(1)
    .readonly()
    .exactOptional()
    .meta({ description: 'Which types of event end the wait; without `types` and `tools` executed tool calls' }),
  tools: z.array(toolPattern).min(1).max(200).readonly().exactOptional().meta({ description: 'Calls of which tools end the wait' }),
  atLeast: z.int().min(1).max(1_000).meta({ description: 'So many of them end it' }),
  timeoutSeconds: z.number().min(1).max(3_600).meta({ description: 'Without them it ends after this time' }),
});
