import { z } from 'zod';
import { criterionSchema } from './calibration.ts';
import { commitmentKinds } from '../domain/detectors/commitment.ts';
import { forbiddenFlowKinds } from '../domain/detectors/data-flow.ts';
import { piiTypes } from '../domain/detectors/pii/pii-type.ts';
import { didYouMean } from '../domain/nearest-name.ts';
import { sideEffects, type DetectorSpec } from '../domain/script.ts';
import { severities } from '../domain/severity.ts';

/** The name of a tool, or the beginning of one before a `*`. */
export const toolPattern = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^*]*\*?$/, 'a tool name may have a * at its end only');

const toolPatterns = z.array(toolPattern).max(200).readonly().exactOptional();
const ownHosts = z
  .array(z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/, 'a host is a bare name such as shop.example'))
  .max(100)
  .readonly()
  .exactOptional();

const detectorShapes = {
  canary_leak: z.strictObject({ kind: z.literal('canary_leak'), canary: z.string().min(1).max(100).exactOptional() }),
  secret_leak: z.strictObject({ kind: z.literal('secret_leak') }),
  unauthorised_tool_call: z.strictObject({
    kind: z.literal('unauthorised_tool_call'),
    allowed: toolPatterns,
    forbidden: toolPatterns,
  }),
  side_effect: z.strictObject({ kind: z.literal('side_effect'), effects: z.array(z.enum(sideEffects)).min(1).readonly() }),
  compliance: z.strictObject({ kind: z.literal('compliance') }),
  markup_exfiltration: z.strictObject({ kind: z.literal('markup_exfiltration'), ownHosts }),
  active_content: z.strictObject({ kind: z.literal('active_content'), minSeverity: z.enum(severities).exactOptional() }),
  pii_leak: z.strictObject({
    kind: z.literal('pii_leak'),
    types: z.array(z.enum(piiTypes)).min(1).readonly().exactOptional(),
    allowed: z.array(z.string().min(3).max(200)).max(200).readonly().exactOptional(),
    planted: z.array(z.string().min(1).max(100)).max(100).readonly().exactOptional(),
  }),
  system_prompt_leak: z.strictObject({ kind: z.literal('system_prompt_leak') }),
  forbidden_data_flow: z.strictObject({
    kind: z.literal('forbidden_data_flow'),
    flows: z.array(z.enum(forbiddenFlowKinds)).min(1).readonly().exactOptional(),
    untrusted: toolPatterns,
    sensitive: toolPatterns,
    external: toolPatterns,
    ownHosts,
  }),
  dangerous_command: z.strictObject({
    kind: z.literal('dangerous_command'),
    minSeverity: z.enum(severities).exactOptional(),
    insecureCode: z.boolean().exactOptional(),
  }),
  unauthorised_commitment: z.strictObject({
    kind: z.literal('unauthorised_commitment'),
    authorised: z.array(z.enum(commitmentKinds)).readonly().exactOptional(),
  }),
  tool_argument: z.strictObject({
    kind: z.literal('tool_argument'),
    tools: z.array(toolPattern).min(1).max(200).readonly().exactOptional(),
    contains: z.array(z.string().min(1).max(500)).min(1).max(100).readonly(),
  }),
  call_volume: z.strictObject({ kind: z.literal('call_volume'), atMost: z.int().min(0).max(10_000) }),
  answer_volume: z.strictObject({ kind: z.literal('answer_volume'), maxCharacters: z.int().min(1).max(1_000_000) }),
  dangerous_code: z.strictObject({
    kind: z.literal('dangerous_code'),
    minSeverity: z.enum(severities).exactOptional(),
    insecureCode: z.boolean().exactOptional(),
  }),
  model_judge: z.strictObject({ kind: z.literal('model_judge'), criterion: criterionSchema }),
} as const;
const detectorKinds = Object.keys(detectorShapes);

/** One sign of success to look for. */
export const detectorSchema = z.discriminatedUnion(
  'kind',
  [
    detectorShapes.canary_leak,
    detectorShapes.secret_leak,
    detectorShapes.unauthorised_tool_call,
    detectorShapes.side_effect,
    detectorShapes.compliance,
    detectorShapes.markup_exfiltration,
    detectorShapes.active_content,
    detectorShapes.pii_leak,
    detectorShapes.system_prompt_leak,
    detectorShapes.forbidden_data_flow,
    detectorShapes.dangerous_command,
    detectorShapes.unauthorised_commitment,
    detectorShapes.model_judge,
    detectorShapes.tool_argument,
    detectorShapes.call_volume,
    detectorShapes.answer_volume,
    detectorShapes.dangerous_code,
  ],
  {
    error: (issue) => {
      if (issue.code !== 'invalid_union') return undefined;
      const kind = (issue.input as { readonly kind?: unknown } | null)?.kind;
      return typeof kind === 'string'
        ? `unknown detector "${kind}"${didYouMean(kind, detectorKinds)}; known are ${detectorKinds.join(', ')}`
        : `a detector needs a kind: one of ${detectorKinds.join(', ')}`;
    },
  },
);

type Same<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;
// The schema and the domain's type describe the same shape; a difference fails to compile.
true satisfies Same<z.infer<typeof detectorSchema>, DetectorSpec>;
