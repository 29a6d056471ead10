import { describe, expect, it } from 'vitest';

import { textTable } from './text-table.ts';

describe('a table', () => {
  it('is aligned by what a terminal shows, not by how text is stored', () => {
    const table = textTable([
      ['NAME', 'ROLE'],
      ['测试', 'admin'],
      ['👩‍🚀', 'viewer'],
      ['e\u0301', 'operator'],
    ]);
    expect(table).toBe('NAME  ROLE\n测试  admin\n👩‍🚀    viewer\ne\u0301     operator\n');
  });
});
