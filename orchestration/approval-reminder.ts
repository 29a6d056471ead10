import { remindApproval } from '../db/approvals/remind-approval.ts';
import { listDueReminders } from '../db/system-queries.ts';
import type { TenantDatabase } from '../db/tenant-database.ts';
import { withOrg } from '../db/with-org.ts';
import type { Logger } from '../runtime/logger.ts';
import { every, type Repetition } from './every.ts';

export interface ApprovalReminderOptions {
  readonly database: TenantDatabase;
  readonly log: Logger;
}

const lookEveryMs = 5_000;
const remindersPerLook = 500;

/** Reminds people of pending approvals when it is time. Any number may run: a reminder is one row's change, made once. */
export class ApprovalReminder {
  readonly #options: ApprovalReminderOptions;
  #repetition: Repetition | undefined;

  constructor(options: ApprovalReminderOptions) {
    this.#options = options;
  }

  start(): void {
    const { log } = this.#options;
    this.#repetition = every({ firstAfterMs: lookEveryMs, everyMs: lookEveryMs, what: 'reminding of approvals', log }, () =>
      this.remindDue(),
    );
  }

  async stop(): Promise<void> {
    await this.#repetition?.stop();
  }

  async remindDue(): Promise<void> {
    const { database, log } = this.#options;
    for (const { orgId, approvalId } of await listDueReminders(database, remindersPerLook)) {
      const isReminded = await withOrg(database, orgId, (tx) => remindApproval(tx, { orgId, approvalId }));
      if (isReminded) log.info({ approvalId }, 'reminded of an approval');
    }
  }
}
