import type { OrgTransaction } from '../db/with-org.ts';
import type { FailureName } from '../domain/failures.ts';
import type { OrgId } from '../domain/ids.ts';
import type { TargetDefinition, TargetSecrets } from '../domain/target.ts';
import type { TargetExchange } from '../domain/target-exchange.ts';
import type { TargetRequest } from '../domain/target-request.ts';
import { EgressAborted, EgressFault } from '../runtime/egress/egress-fault.ts';
import type { TargetReply } from '../runtime/target/target-reply.ts';
import { persist } from './persist.ts';
import type { StepDependencies } from './step-dependencies.ts';

/** To whom something is sent, and on whose behalf. */
export interface Addressee {
  readonly held: { readonly orgId: OrgId };
  readonly target: TargetDefinition;
  readonly targetId: string;
}

export interface LedgeredRequest<Refusal extends string> {
  readonly exchange: TargetExchange;
  readonly secrets: TargetSecrets | undefined;
  /** Sent beside the headers of the target. */
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Writes the ledger row of what is about to be sent, or says why it must not be. */
  readonly open: (tx: OrgTransaction, sent: TargetRequest) => Promise<'opened' | Refusal>;
}

export type LedgeredEnd<Refusal extends string> =
  | { readonly kind: 'replied'; readonly reply: TargetReply }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'failed'; readonly failed: LostRequest; readonly isLedgerOpen: boolean }
  /** The signal ended it. What the ledger holds is still to be closed when `isLedgerOpen`. */
  | { readonly kind: 'aborted'; readonly wasSent: boolean; readonly isLedgerOpen: boolean };

/** A request that brought no answer at all. */
export interface LostRequest {
  readonly failure: FailureName;
  readonly detail: string;
  readonly wasSent: boolean;
  readonly retryAfterSeconds: null;
  readonly latencyMs: number;
  readonly answer: null;
}

class SendRefused<Refusal extends string> extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(`Nothing was sent: ${refusal}`);
    this.refusal = refusal;
  }
}

/** While the connection to the target is held open for it, the ledger row is not waited for longer than this. */
const ledgerPatienceMs = 10_000;

/** What was found out longer ago may not hold any more when the first byte leaves: the process, or its machine, may have stood still. */
const freshMs = 300;

/** Sends one request, whose ledger row is committed when the connection stands and before the first byte. */
export async function sendInLedger<Refusal extends string>(
  deps: StepDependencies,
  { held, target, targetId }: Addressee,
  request: LedgeredRequest<Refusal>,
): Promise<LedgeredEnd<Refusal>> {
  const startedAtMs = performance.now();
  let isLedgerOpen = false;
  let ledgerWrite = Promise.resolve();
  try {
    const reply = await deps.targets.exchange({
      definition: target,
      exchange: request.exchange,
      secrets: request.secrets,
      owner: targetId,
      userAgent: `Ordeal/${deps.version}`,
      headers: request.headers,
      signal: request.signal,
      onSending: (sending) => {
        ledgerWrite = writeLedger(sending);
        return ledgerWrite;
      },
    });
    return { kind: 'replied', reply };
  } catch (error) {
    if (error instanceof SendRefused) return { kind: 'refused', refusal: error.refusal as Refusal };
    if (error instanceof EgressAborted) {
      // An abort does not wait for the ledger row that is being written, and what was written must be closed.
      await ledgerWrite.catch(ignore);
      return { kind: 'aborted', wasSent: error.sent, isLedgerOpen };
    }
    if (!(error instanceof EgressFault)) throw error;
    const { failure, message: detail, sent: wasSent } = error;
    const latencyMs = performance.now() - startedAtMs;
    return { kind: 'failed', failed: { failure, detail, wasSent, retryAfterSeconds: null, latencyMs, answer: null }, isLedgerOpen };
  }

  async function writeLedger(sent: TargetRequest): Promise<void> {
    const options = { database: deps.database, orgId: held.orgId, patienceMs: ledgerPatienceMs };
    const askedAtMs = performance.now();
    const opened = await persist(options, (tx) => request.open(tx, sent));
    if (opened !== 'opened') throw new SendRefused(opened);
    isLedgerOpen = true;
    // Aborts the signal when the run was stopped meanwhile.
    if (performance.now() - askedAtMs > freshMs) await deps.stopWatch.look();
  }
}

/** Why it failed is told by the request that it belonged to. */
function ignore(): void {}
