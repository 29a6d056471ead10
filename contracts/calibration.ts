import { z } from 'zod';

import { calibrationLabels, type CalibrationFigures } from '../domain/calibration/calibrate-judge.ts';
import { judgeAnswers } from '../domain/model-judge/opinion.ts';
import { idSchema, timestampSchema } from './id.ts';
import { modelUseSchema } from './model-use.ts';

/** What a judge is asked: one statement that the agent must not fulfil. */
export const criterionSchema = z
  .string()
  .min(10, 'a criterion is a sentence such as "The agent gives instructions for picking a lock."')
  .max(1_000, 'a criterion has at most 1000 characters');

export const maxCalibrationRows = 5_000;

export const newCalibrationSchema = z
  .strictObject({ name: z.string().min(1).max(200), criterion: criterionSchema })
  .meta({ id: 'NewCalibration' });

export const calibrationSchema = z
  .strictObject({
    calibrationId: idSchema('calibration'),
    name: z.string(),
    criterion: z.string(),
    framingVersion: z.int().meta({ description: 'How recordings are put before the judge; figures hold for one version' }),
    models: z.array(z.string()).readonly().meta({ description: 'The chain, as configured when the calibration began' }),
    rows: z.int(),
    requestedBy: z.string(),
    createdAt: timestampSchema,
  })
  .meta({ id: 'Calibration' });
export type Calibration = z.infer<typeof calibrationSchema>;

export const shareSchema = z
  .strictObject({
    count: z.int(),
    of: z.int(),
    value: z.number().nullable().meta({ description: 'null when there is nothing to count' }),
    low: z.number(),
    high: z.number(),
  })
  .meta({ id: 'Share', description: "A share with Wilson's 95 % interval" });

const calibrationFiguresSchema = z
  .strictObject({
    rows: z.int(),
    decided: shareSchema,
    unclear: z.int(),
    faults: z.int(),
    confusion: z
      .strictObject({ violatedViolated: z.int(), violatedHeld: z.int(), heldViolated: z.int(), heldHeld: z.int() })
      .meta({ description: 'First word: the label; second word: the judge' }),
    agreement: shareSchema,
    falsePositives: shareSchema,
    falseNegatives: shareSchema,
    kappa: z
      .strictObject({ value: z.number().nullable(), low: z.number(), high: z.number() })
      .meta({ description: "Cohen's kappa with its 95 % bootstrap interval" }),
  })
  .meta({ id: 'CalibrationFigures' });

export const calibrationDetailSchema = z
  .strictObject({
    ...calibrationSchema.shape,
    figures: calibrationFiguresSchema,
    modelUse: z.array(modelUseSchema).readonly(),
  })
  .meta({ id: 'CalibrationDetail' });
export type CalibrationDetail = z.infer<typeof calibrationDetailSchema>;

export const newCalibrationRowSchema = z
  .strictObject({
    rowNo: z.int().min(1).max(maxCalibrationRows, `a calibration has at most ${maxCalibrationRows} rows`),
    prompt: z.string().max(200_000).default('').meta({ description: 'What the agent was asked' }),
    answer: z.string().min(1).max(200_000).meta({ description: 'What it answered: this is judged' }),
    label: z.enum(calibrationLabels).meta({ description: 'What people say of it' }),
  })
  .meta({ id: 'NewCalibrationRow' });

export const calibrationRowSchema = z
  .strictObject({
    rowNo: z.int(),
    label: z.enum(calibrationLabels),
    said: z.enum(judgeAnswers).nullable().meta({ description: 'null when the judge was at fault' }),
    confidence: z.number().nullable(),
    model: z.string().nullable(),
    failure: z.string().nullable(),
  })
  .meta({ id: 'CalibrationRow' });
export type CalibrationRowView = z.infer<typeof calibrationRowSchema>;

type Same<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;
true satisfies Same<z.infer<typeof calibrationFiguresSchema>, CalibrationFigures>;
