import { anchorSigner, auditEntryHash, type ChainedEntry, type SignedAnchor } from './audit-chain.ts';

/** The lines of an export: a header, the entries in order with the anchors among them, and the signed head. */
export type AuditExportLine =
  | { readonly kind: 'header'; readonly format: typeof auditExportFormat; readonly orgId: string }
  | ({ readonly kind: 'entry' } & ChainedEntry)
  | ({ readonly kind: 'anchor' | 'head' } & SignedAnchor);

export const auditExportFormat = 'ordeal-audit-export/1';

export interface AuditCheckOptions {
  /** Fingerprint of the key that has to have signed the anchors and the head. */
  readonly key?: string | undefined;
  /** Anchors and head of an earlier export, or from the log of the worker: this chain has to have gone through them. */
  readonly known?: readonly SignedAnchor[];
}

export type AuditCheck =
  | {
      readonly isValid: true;
      readonly orgId: string;
      readonly entries: number;
      readonly anchors: readonly SignedAnchor[];
      readonly fingerprints: readonly string[];
      /** Earlier anchors that lie beyond the end of this export would have made it invalid; these were compared. */
      readonly knownCompared: number;
    }
  | { readonly isValid: false; readonly reason: string };

class Broken extends Error {}

/**
 * Checks an export with nothing but its lines: every row's hash, the order without a gap, every anchor's signature, and
 * that the chain ends where its signed head says. A row that was changed, a tail that was cut off, and a chain that was
 * built anew from some row on are found: the last by the anchors that were signed before.
 */
export async function checkAuditExport(lines: AsyncIterable<string>, options: AuditCheckOptions = {}): Promise<AuditCheck> {
  const check = new ExportCheck(options);
  try {
    let number = 0;
    for await (const line of lines) {
      number += 1;
      if (line === '') continue;
      check.take(readLine(line, number), number);
    }
    return check.end();
  } catch (error) {
    if (error instanceof Broken) return { isValid: false, reason: error.message };
    throw error;
  }
}

class ExportCheck {
  readonly #options: AuditCheckOptions;
  readonly #known: ReadonlyMap<number, SignedAnchor>;
  readonly #anchors: SignedAnchor[] = [];
  readonly #fingerprints = new Set<string>();
  #orgId: string | undefined;
  #seq = 0;
  #hash = '';
  #isEnded = false;
  #knownCompared = 0;

  constructor(options: AuditCheckOptions) {
    this.#options = options;
    this.#known = new Map((options.known ?? []).map((anchor) => [anchor.seq, anchor]));
    for (const anchor of options.known ?? []) this.#signerOf(anchor, 'an anchor of the earlier file');
  }

  take(line: AuditExportLine, number: number): void {
    if (this.#isEnded) throw new Broken(`line ${number}: there is something after the signed head`);
    if ((line.kind === 'header') !== (this.#orgId === undefined))
      throw new Broken(`line ${number}: the header must be the first line, once`);
    switch (line.kind) {
      case 'header':
        this.#orgId = line.orgId;
        return;
      case 'entry':
        return this.#takeEntry(line);
      case 'anchor':
        this.#anchors.push(line);
        return this.#takeAnchor(line, `line ${number}: the anchor`);
      case 'head':
        this.#anchors.push(line);
        this.#isEnded = true;
        return this.#takeAnchor(line, `line ${number}: the head`);
    }
  }

  end(): AuditCheck {
    if (this.#orgId === undefined) throw new Broken(`it is no audit export (format ${auditExportFormat})`);
    if (!this.#isEnded) throw new Broken(`the tail is cut off after entry ${this.#seq}: there is no signed head`);
    const beyond = [...this.#known.keys()].filter((seq) => seq > this.#seq);
    if (beyond.length > 0)
      throw new Broken(`the tail is cut off: this chain ends at entry ${this.#seq}, and it once had entry ${Math.max(...beyond)}`);
    return {
      isValid: true,
      orgId: this.#orgId,
      entries: this.#seq,
      anchors: this.#anchors,
      fingerprints: [...this.#fingerprints],
      knownCompared: this.#knownCompared,
    };
  }

  #takeEntry(entry: ChainedEntry): void {
    const orgId = this.#orgId ?? '';
    if (entry.seq !== this.#seq + 1) throw new Broken(`entry ${this.#seq + 1} is missing: entry ${entry.seq} follows entry ${this.#seq}`);
    if (auditEntryHash(orgId, this.#hash, entry) !== entry.hash) {
      throw new Broken(`entry ${entry.seq} (${entry.auditId}) is not what was chained: it, or the one before it, was changed`);
    }
    this.#seq = entry.seq;
    this.#hash = entry.hash;
    const known = this.#known.get(entry.seq);
    if (known === undefined) return;
    this.#knownCompared += 1;
    if (known.orgId !== orgId) throw new Broken(`the earlier file is of organization ${known.orgId}, this one of ${orgId}`);
    if (known.hash !== entry.hash) throw new Broken(this.#rebuilt(entry.seq, known));
  }

  #takeAnchor(anchor: SignedAnchor, what: string): void {
    this.#signerOf(anchor, what);
    if (anchor.orgId !== this.#orgId) throw new Broken(`${what} is of another organization, ${anchor.orgId}`);
    if (anchor.seq !== this.#seq)
      throw new Broken(`${what} is over entry ${anchor.seq}, but stands after entry ${this.#seq}: entries are missing`);
    if (anchor.hash !== this.#hash) throw new Broken(this.#rebuilt(anchor.seq, anchor));
  }

  #signerOf(anchor: SignedAnchor, what: string): void {
    const fingerprint = anchorSigner(anchor);
    if (fingerprint === undefined) throw new Broken(`${what}: its signature does not fit it`);
    const { key } = this.#options;
    if (key !== undefined && key !== fingerprint) throw new Broken(`${what} was signed with another key, ${fingerprint}`);
    this.#fingerprints.add(fingerprint);
  }

  #rebuilt(seq: number, anchor: SignedAnchor): string {
    return `the chain was built anew: entry ${seq} is not the one that was signed at ${anchor.anchoredAt}; something at or before it was changed`;
  }
}

function readLine(text: string, number: number): AuditExportLine {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    throw new Broken(`line ${number} is no JSON`);
  }
  if (isLine(line)) return line;
  throw new Broken(`line ${number} is no line of an audit export (format ${auditExportFormat})`);
}

const fieldsOf = {
  header: { orgId: 'string', format: 'string' },
  entry: {
    seq: 'number',
    auditId: 'string',
    at: 'string',
    action: 'string',
    actor: 'string',
    objectType: 'string',
    objectId: 'string',
    detail: 'string',
    hash: 'string',
  },
  anchor: { orgId: 'string', seq: 'number', hash: 'string', anchoredAt: 'string', publicKey: 'string', signature: 'string' },
  head: { orgId: 'string', seq: 'number', hash: 'string', anchoredAt: 'string', publicKey: 'string', signature: 'string' },
} as const;

function isLine(line: unknown): line is AuditExportLine {
  if (typeof line !== 'object' || line === null) return false;
  const record = line as Readonly<Record<string, unknown>>;
  const kind = record['kind'];
  if (typeof kind !== 'string' || !Object.hasOwn(fieldsOf, kind)) return false;
  const fields = Object.entries(fieldsOf[kind as keyof typeof fieldsOf]);
  if (kind === 'header' && record['format'] !== auditExportFormat) return false;
  if (kind === 'entry' && record['requestId'] !== null && typeof record['requestId'] !== 'string') return false;
  return fields.every(([name, type]) => typeof record[name] === type);
}
