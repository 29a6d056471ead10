import { z } from 'zod';
import { guardStatementNames, type GuardSnapshot } from '../domain/production-guard.ts';
import { environments } from '../domain/risk/assess-risk.ts';
import { idSchema, timestampSchema } from './id.ts';
import { wordsSchema } from './text.ts';

export const environmentSchema = z
  .enum(environments)
  .meta({ id: 'Environment', description: 'What the targets of a project serve. Runs on `production` need three confirmations' });

export const newEnvironmentSchema = z.strictObject({ environment: environmentSchema }).meta({ id: 'NewEnvironment' });

const statementSchema = z.enum(guardStatementNames).meta({ id: 'GuardStatement' });
const reasonSchema = wordsSchema('must say why');

const confirmationSchema = z.strictObject({
  statement: statementSchema,
  memberId: z.string(),
  memberName: z.string().meta({ description: 'As it was then' }),
  keyId: z.string(),
  reason: z.string(),
  confirmedAt: timestampSchema,
});

/** What stood confirmed when a run was started. */
export const guardSnapshotSchema = z
  .strictObject({ environment: environmentSchema, confirmations: z.array(confirmationSchema).readonly() })
  .meta({ id: 'GuardSnapshot' });

export const guardSchema = z
  .strictObject({
    projectId: idSchema('project'),
    environment: environmentSchema,
    isOpen: z.boolean().meta({ description: 'Whether runs may start' }),
    statements: z
      .array(
        z.strictObject({
          statement: statementSchema,
          text: z.string(),
          confirmation: confirmationSchema.nullable().meta({ description: 'Voided by any change of a target of the project' }),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'ProductionGuard' });

export const newConfirmationSchema = z.strictObject({ statement: statementSchema, reason: reasonSchema }).meta({ id: 'NewConfirmation' });

export const newHaltSchema = z.strictObject({ reason: reasonSchema }).meta({ id: 'NewEmergencyStop' });

export const haltSchema = z
  .strictObject({
    isHalted: z.boolean(),
    haltedAt: timestampSchema.nullable(),
    haltedBy: z.string().nullable(),
    reason: z.string().nullable(),
    stoppedRuns: z.array(idSchema('run')).readonly().meta({ description: 'Stopped by this very call' }),
  })
  .meta({ id: 'EmergencyStop' });

type Same<Left, Right> = [Left] extends [Right] ? ([Right] extends [Left] ? true : false) : false;
true satisfies Same<z.infer<typeof guardSnapshotSchema>, GuardSnapshot>;
