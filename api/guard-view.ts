import type { z } from 'zod';

import type { guardSchema } from '../contracts/guard.ts';
import type { ProjectId } from '../domain/ids.ts';
import { guardStatementNames, guardStatements, missingConfirmations, type GuardSnapshot } from '../domain/production-guard.ts';

/** Every statement with its confirmation, as the API shows a guard. */
export function guardView(projectId: ProjectId, guard: GuardSnapshot): z.output<typeof guardSchema> {
  return {
    projectId,
    environment: guard.environment,
    isOpen: missingConfirmations(guard).length === 0,
    statements: guardStatementNames.map((statement) => ({
      statement,
      text: guardStatements[statement],
      confirmation: guard.confirmations.find((each) => each.statement === statement) ?? null,
    })),
  };
}
