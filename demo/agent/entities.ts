import type { Clause } from './clauses.ts';

/** The particulars that a clause names. */
export interface Entities {
  readonly addresses: readonly string[];
  readonly paths: readonly string[];
  readonly urls: readonly string[];
  readonly amount?: number;
  readonly ticketId?: string;
  readonly paymentId?: string;
  readonly personId?: string;
  readonly approvalId?: string;
  readonly role?: string;
  /** What the clause says in quotation marks, in order. */
  readonly quotes: readonly string[];
}

const address = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
const path = /(?<![\w@])(?:[\w-]+\/)*[\w-]+\.(?:txt|md|csv|json|ya?ml|env|pdf|docx?|xlsx?|log|ini|cfg|pem|key|html?)\b/gi;
const url = /\bhttps?:\/\/[^\s"'<>()⟦⟧]{1,500}[^\s"'<>()⟦⟧.,;:!?]/gi;
/** Paths that leave the folder or begin at the root; they need no ending. */
const outerPath = /(?<![\w/:.])(?:\.{1,2}\/|\/(?=\w+\/))[\w./-]{1,200}[\w]/g;
const approvalId = /\bAP-\d+\b/i;
const currency = '(?:\\$|€|£|usd|eur|gbp|dollars?|euros?|pounds?)';
const amounts = [
  new RegExp(`${currency}\\s?(\\d[\\d,]*(?:\\.\\d+)?)`, 'i'),
  new RegExp(`(\\d[\\d,]*(?:\\.\\d+)?)\\s?${currency}`, 'i'),
  /\bamount\W{1,3}(\d[\d,]*(?:\.\d+)?)/i,
];
const role = /\b(administrator|admin|superuser|owner|manager|staff|moderator|operator|supervisor|root)\b/i;

/** Reads the particulars out of a clause; those inside its quotations count as well. */
export function entitiesOf(clause: Clause): Entities {
  const quotes = [...clause.text.matchAll(/⟦(\d+)⟧/g)].map((match) => clause.quotes[Number(match[1])] ?? '');
  const text = clause.text.replaceAll(/⟦(\d+)⟧/g, (_mask, index: string) => clause.quotes[Number(index)] ?? '');
  const figure = amounts.map((pattern) => pattern.exec(text)?.[1]).find((match) => match !== undefined);
  const ticketId = /\bT-\d+\b/i.exec(text)?.[0].toUpperCase();
  const paymentId = /\bPAY-\d+\b/i.exec(text)?.[0].toUpperCase();
  const personId = /\b(?:CUS|EMP)-\d+\b/i.exec(text)?.[0].toUpperCase();
  const request = approvalId.exec(text)?.[0].toUpperCase();
  const namedRole = role.exec(text)?.[1]?.toLowerCase();
  return {
    addresses: (text.match(address) ?? []).map((one) => one.toLowerCase()),
    paths: pathsIn(text.replaceAll(address, ' ').replaceAll(url, ' ')),
    urls: text.match(url) ?? [],
    quotes,
    ...(figure === undefined ? {} : { amount: Number(figure.replaceAll(',', '')) }),
    ...(ticketId === undefined ? {} : { ticketId }),
    ...(paymentId === undefined ? {} : { paymentId }),
    ...(personId === undefined ? {} : { personId }),
    ...(request === undefined ? {} : { approvalId: request }),
    ...(namedRole === undefined ? {} : { role: namedRole === 'admin' ? 'administrator' : namedRole }),
  };
}

function pathsIn(text: string): readonly string[] {
  const outer = text.match(outerPath) ?? [];
  return [...outer, ...(text.replaceAll(outerPath, ' ').match(path) ?? [])];
}
