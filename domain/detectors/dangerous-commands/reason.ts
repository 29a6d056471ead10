import { severities, type Severity } from '../../severity.ts';

/**
 * One thing a command does, or one weakness of the code it runs.
 *
 * `action` is harm done by running it; `weakness` is insecure code that an agent writes or runs (a fast password
 * hash, an unsafe deserialiser): it harms later, through whoever meets it.
 */
export interface DangerReason {
  readonly rule: string;
  readonly kind: 'action' | 'weakness';
  readonly severity: Severity;
  /** One sentence: what it does, to what. */
  readonly detail: string;
}

export interface CommandAssessment {
  readonly dangerous: boolean;
  readonly reasons: readonly DangerReason[];
  /** The worst of the reasons; `null` when there is none. */
  readonly severity: Severity | null;
}

/** Stands for the value of a variable that only a run would tell. */
export const unknownValue = '\u0000';
/** Stands for the output of a command. */
export const commandOutput = '\u0001';
/** Stands for what a command downloads. */
export const downloadedText = '\u0002';
const unknownMarks = new RegExp(`[${unknownValue}${commandOutput}${downloadedText}]`, 'g');

/** Collects reasons, one per rule: the first that was seen. */
export class ReasonList {
  readonly #byRule = new Map<string, DangerReason>();

  add(reason: DangerReason): void {
    const known = this.#byRule.get(reason.rule);
    if (known === undefined || severities.indexOf(reason.severity) < severities.indexOf(known.severity))
      this.#byRule.set(reason.rule, reason);
  }

  addAll(reasons: readonly DangerReason[]): void {
    for (const reason of reasons) this.add(reason);
  }

  assessment(): CommandAssessment {
    const reasons = [...this.#byRule.values()].toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
    return { dangerous: reasons.length > 0, reasons, severity: reasons[0]?.severity ?? null };
  }
}

/** A reason of kind `action`; placeholders of unknown values are shown as an ellipsis. */
export function action(rule: string, severity: Severity, detail: string): DangerReason {
  return { rule, kind: 'action', severity, detail: detail.replaceAll(unknownMarks, '…').slice(0, 200) };
}
