import { describe, expect, it } from 'vitest';

import type { RunFeedEntry } from '../domain/run-feed.ts';
import { openProgressView } from './progress-view.ts';

const queued: RunFeedEntry = { type: 'run_queued', data: { probes: 16 } };

function view(stream: { isTTY?: boolean; columns?: number }) {
  const written: string[] = [];
  return { written, ...openProgressView({ ...stream, write: (text: string) => written.push(text) }) };
}

describe('openProgressView', () => {
  it('redraws one line in a terminal, which never wraps', () => {
    const { written, show, note, end } = view({ isTTY: true, columns: 24 });
    show(queued);
    note('a remark');
    end();
    expect(written[0]).toBe('\r\u001B[K░░░░░░░░░░░░░░░░ 0/16 …');
    expect(written[1]).toBe('\r\u001B[Ka remark\n');
    expect(written.at(-1)).toBe('\n');
    for (const text of written) expect(text.replace('\r\u001B[K', '').length).toBeLessThan(24);
  });

  it('writes plain lines elsewhere', () => {
    const { written, show, note, end } = view({});
    show(queued);
    note('a remark');
    end();
    expect(written).toEqual(['queued: 16 probes\n', 'a remark\n']);
  });
});
