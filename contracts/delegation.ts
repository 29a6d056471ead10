import { z } from 'zod';

import { delegationStates } from '../domain/approvals/delegation.ts';
import { idSchema, timestampSchema } from './id.ts';

const stateSchema = z.enum(delegationStates).meta({ id: 'DelegationState' });

export const delegationSchema = z
  .strictObject({
    delegationId: idSchema('delegation'),
    delegatorId: idSchema('member').meta({ description: 'Whose right to decide it is' }),
    delegateId: idSchema('member').meta({ description: 'Who may decide in their place' }),
    projectId: idSchema('project').nullable().meta({ description: 'Null for every project' }),
    startsAt: timestampSchema.meta({ description: 'By the clock of the database, as `endsAt`' }),
    endsAt: timestampSchema,
    state: stateSchema.meta({ description: '`active`: it holds as long as the delegator may approve' }),
    createdBy: z.string(),
    createdAt: timestampSchema,
    revokedAt: timestampSchema.nullable(),
    revokedBy: z.string().nullable(),
  })
  .meta({ id: 'Delegation' });
export type Delegation = z.infer<typeof delegationSchema>;

export const newDelegationSchema = z
  .strictObject({
    delegateId: idSchema('member'),
    projectId: idSchema('project').exactOptional().meta({ description: 'Default: every project' }),
    startsAt: z.iso.datetime({ offset: true }).exactOptional().meta({ description: 'Default, and at the earliest: now' }),
    endsAt: z.iso.datetime({ offset: true }).meta({ description: 'At most 30 days after it starts' }),
  })
  .meta({ id: 'NewDelegation' });
