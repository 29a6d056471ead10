import { describe, expect, it } from 'vitest';

import { auditText, AuditTextError, type Auditable, type AuditTextForm } from './audit-detail.ts';
import type { RunId } from './ids.ts';

/** As an audit row is written: the detail and what it may hold are one. */
function audited<Detail extends object>(detail: Detail & Auditable<Detail>): Detail {
  return detail;
}

describe('the detail of an audit row', () => {
  it('takes numbers, ids, members of closed sets and text of a known form, also in lists and in objects', () => {
    const runId = 'run_01k9z3v4x5y6a7b8c9d0e1f2g3' as RunId;
    const verdict = 'approve' as 'approve' | 'reject';
    const detail = { runs: 1, isHeld: true, runId, verdict, scripts: [auditText('slug', 'S1@2')], rule: { version: 1, policyId: null } };
    expect(audited(detail)).toEqual(detail);
  });

  it('does not compile with what somebody wrote, wherever it stands', () => {
    const written: string = 'call Ann on 555-0100';
    // @ts-expect-error -- free text
    audited({ reason: written });
    // @ts-expect-error -- free text or nothing
    audited({ name: written as string | null });
    // @ts-expect-error -- free text in a list
    audited({ names: [written] });
    // @ts-expect-error -- free text in an object
    audited({ rule: { name: written, version: 1 } });
    // @ts-expect-error -- free text with a fixed beginning
    audited({ name: `by ${written}` as `by ${string}` });
    expect(written).not.toBe('');
  });
});

describe('text of an audit row', () => {
  const good: readonly [AuditTextForm, string][] = [
    ['sha256', 'a'.repeat(64)],
    ['instant', '2026-11-21T04:50:00.000Z'],
    ['instant', '2026-11-21T04:50:00.123456+01:00'],
    ['slug', 'rot13+hex'],
    ['slug', 'S1@12'],
    ['slug', 'TOOL-*'],
    ['slug', '2026-11-21'],
    ['origin', 'https://hooks.example.com:8443'],
    ['origin', 'http://[::1]:8080'],
  ];
  it.each(good)('of the form %s may be %s', (form, text) => {
    expect(auditText(form, text)).toBe(text);
  });

  const bad: readonly [AuditTextForm, string][] = [
    ['sha256', 'a'.repeat(63)],
    ['instant', 'yesterday'],
    ['instant', '2026-11-21'],
    ['slug', 'Ann Smith'],
    ['slug', ''],
    ['slug', 'a'.repeat(201)],
    ['origin', 'https://ann:secret@example.com'],
    ['origin', 'https://example.com/ann?mail=ann@example.com'],
  ];
  it.each(bad)('of the form %s is not %j, and the error does not repeat it', (form, text) => {
    expect(() => auditText(form, text)).toThrow(AuditTextError);
    if (text !== '') expect(() => auditText(form, text)).not.toThrow(text);
  });

  it('may be nothing where there is nothing', () => {
    expect(auditText('instant', null)).toBeNull();
  });
});
