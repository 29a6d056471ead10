import type { Environment } from '../risk/assess-risk.ts';
import type { PolicyDecision } from '../policy/policy.ts';

/** What a person who decides is shown: everything that would be sent but the credential. */
export type ApprovalPreview = ExchangePreview | RunPreview;

/** A request as a person reads it. */
export interface ShownRequest {
  readonly method: string;
  readonly url: string;
  /** Without those that trace the request, which differ from attempt to attempt. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface ExchangePreview extends ShownRequest {
  readonly kind: 'exchange';
  readonly target: string;
  readonly environment: Environment;
  readonly script: string;
  readonly title: string;
  readonly category: string;
  readonly strategy: string;
  /** What the agent is told, as it reads in the body; `null` where it is told nothing. */
  readonly prompt: string | null;
  /** What the agent is to find at an address of Ordeal's; `null` where nothing is planted so. */
  readonly document: string | null;
  /** What is sent when the run ends, to clean up after it; `null` where nothing is. */
  readonly cleanup: ShownRequest | null;
}

export interface RunPreview {
  readonly kind: 'run';
  readonly target: string;
  readonly environment: Environment;
  readonly scripts: readonly string[];
  readonly probes: number;
}

/** Which rule asked, as it was at that time. */
export type PolicySnapshot = Pick<PolicyDecision, 'rule' | 'quorum' | 'expiresInHours'>;
