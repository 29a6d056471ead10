import { canonicalJson } from './canonical-json.ts';
import { anchorSigner, auditEntryHash, type ChainedEntry, type SignedAnchor } from './audit-chain.ts';

/** The lines of an export, each in canonical JSON: a header, the entries in order with the anchors among them, and the signed head. */
export type AuditExportLine =
  | { readonly kind: 'header'; readonly format: typeof auditExportFormat; readonly orgId: string }
  | ({ readonly kind: 'entry' } & ChainedEntry)
  | ({ readonly kind: 'anchor' | 'head' } & SignedAnchor);

export const auditExportFormat = 'ordeal-audit-export/1';

export interface AuditCheckOptions {
  /** Fingerprint of the key that has to have signed the anchors and the head. */
  readonly key?: string | undefined;
  /**
   * Anchors and head of an earlier export, or from the log of a worker: this chain has to have gone through those that are of its
   * organization, and there has to be one.
   */
  readonly known?: readonly SignedAnchor[] | undefined;
}

export type AuditCheck =
  | {
      readonly isValid: true;
      readonly orgId: string;
      readonly entries: number;
      readonly anchors: readonly SignedAnchor[];
      readonly fingerprints: readonly string[];
      /** Of `known`: all that are of this organization. */
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
  #known: ReadonlyMap<number, SignedAnchor> = new Map();
  readonly #anchors: SignedAnchor[] = [];
  readonly #fingerprints = new Set<string>();
  #orgId: string | undefined;
  #seq = 0;
  #hash = '';
  #isEnded = false;
  #knownCompared = 0;

  constructor(options: AuditCheckOptions) {
    this.#options = options;
  }

  take(line: AuditExportLine, number: number): void {
    if (this.#isEnded) throw new Broken(`line ${number}: there is something after the signed head`);
    if ((line.kind === 'header') !== (this.#orgId === undefined))
      throw new Broken(`line ${number}: the header must be the first line, once`);
    switch (line.kind) {
      case 'header':
        return this.#takeHeader(line.orgId);
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

  #takeHeader(orgId: string): void {
    this.#orgId = orgId;
    const { known } = this.#options;
    if (known === undefined) return;
    const own = known.filter((anchor) => anchor.orgId === orgId);
    for (const anchor of own) this.#signerOf(anchor, 'an anchor of the earlier file');
    if (own.length === 0) throw new Broken(`the earlier file has no anchor of organization ${orgId}, which this one is of`);
    this.#known = new Map(own.map((anchor) => [anchor.seq, anchor]));
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
  // Bytes that no hash covers, such as a member that is given twice, could tell a reader something else.
  if (isLine(line) && canonicalJson(line) === text) return line;
  throw new Broken(`line ${number} is no line of an audit export (format ${auditExportFormat})`);
}

const anchorFields = {
  kind: 'string',
  orgId: 'string',
  seq: 'number',
  hash: 'string',
  anchoredAt: 'string',
  publicKey: 'string',
  signature: 'string',
} as const;

const fieldsOf = {
  header: { kind: 'string', orgId: 'string', format: 'string' },
  entry: {
    kind: 'string',
    seq: 'number',
    auditId: 'string',
    at: 'string',
    action: 'string',
    actor: 'string',
    objectType: 'string',
    objectId: 'string',
    requestId: 'string or null',
    detail: 'string',
    hash: 'string',
  },
  anchor: anchorFields,
  head: anchorFields,
} as const;

function isLine(line: unknown): line is AuditExportLine {
  if (typeof line !== 'object' || line === null || !('kind' in line)) return false;
  const { kind } = line;
  if (typeof kind !== 'string' || !Object.hasOwn(fieldsOf, kind)) return false;
  if (kind === 'header' && (!('format' in line) || line.format !== auditExportFormat)) return false;
  return hasFields(line, fieldsOf[kind as keyof typeof fieldsOf]);
}

/** Whether a value has the members of an anchor, and no others. */
export function isAnchor(value: unknown): value is SignedAnchor {
  const { kind: _, ...members } = anchorFields;
  return typeof value === 'object' && value !== null && hasFields(value, members);
}

function hasFields(value: object, fields: Readonly<Record<string, string>>): boolean {
  const record = value as Readonly<Record<string, unknown>>;
  if (Object.keys(record).length !== Object.keys(fields).length) return false;
  return Object.entries(fields).every(([name, type]) => type.split(' or ').includes(record[name] === null ? 'null' : typeof record[name]));
}
