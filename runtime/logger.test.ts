import { describe, expect, it } from 'vitest';

import { createLogger } from './logger.ts';

function linesOf(write: (log: ReturnType<typeof createLogger>) => void, level: 'info' | 'error' = 'info'): string[] {
  const lines: string[] = [];
  write(createLogger({ name: 'test', level, destination: { write: (line: string) => void lines.push(line) } }));
  return lines;
}

describe('the logger', () => {
  it('never writes a credential, at any of the first four levels', () => {
    const [line = ''] = linesOf((log) => {
      log.info(
        {
          authorization: 'Bearer canary',
          req: { headers: { authorization: 'canary', 'set-cookie': 'canary', 'x-api-key': 'canary' } },
          a: { b: { c: { token: 'canary' } } },
          apiKey: 'canary',
          target: { auth: { token: 'canary' } },
        },
        'hello',
      );
    });
    expect(line).toContain('[redacted]');
    expect(line).not.toContain('canary');
  });

  it('keeps to its level', () => {
    expect(linesOf((log) => log.info('quiet'), 'error')).toEqual([]);
  });
});
