import { describe, expect, it } from 'vitest';

import { lineDifferences } from './line-differences.ts';

describe('lineDifferences', () => {
  it('finds none between equal texts', () => {
    expect(lineDifferences('a\nb\n', 'a\nb\n')).toEqual([]);
  });

  it('names the lines that went and came, and none of those that stayed', () => {
    expect(lineDifferences('a\nb\nc\nd', 'a\nc\nx\nd')).toEqual(['- 2: b', '+ 3: x']);
  });

  it('says how much it leaves out', () => {
    expect(lineDifferences('', '1\n2\n3\n4', 2).at(-1)).toBe('… and 3 more');
  });
});
