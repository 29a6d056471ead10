import { describe, expect, it } from 'vitest';

import { effectiveRole, mayHold, roles } from './roles.ts';

describe('roles', () => {
  it('lets everybody hold a key for reading, and only an admin one of an admin', () => {
    for (const role of roles) {
      expect(mayHold(role, 'viewer')).toBe(true);
      expect(mayHold(role, 'admin')).toBe(role === 'admin');
    }
  });

  it('keeps starting runs and approving apart', () => {
    expect(mayHold('operator', 'approver')).toBe(false);
    expect(mayHold('approver', 'operator')).toBe(false);
  });

  it('reduces a key to reading when its member was given a lesser role, and never to another power', () => {
    expect(effectiveRole('approver', 'operator')).toBe('viewer');
    expect(effectiveRole('operator', 'admin')).toBe('viewer');
    expect(effectiveRole('admin', 'operator')).toBe('operator');
  });
});
