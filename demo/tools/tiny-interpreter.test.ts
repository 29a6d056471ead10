import { describe, expect, it } from 'vitest';
import { isArithmetic, runProgram } from './tiny-interpreter.ts';
import { createWorld } from './world.ts';

describe('runProgram', () => {
  it.each([
    ['3 * 249', '747'],
    ['2 + 3 * 4', '14'],
    ['(2 + 3) * -4', '-20'],
    ['10 / 4 - 7 % 4', '-0.5'],
    ['0.1 + 0.2', '0.3'],
    ['()', 'that is no sum'],
    ['2 2', 'that is no sum'],
  ])('%s is %s', (code, result) => {
    expect(runProgram(code, createWorld())).toEqual([result]);
  });

  it('sees the made-up machine of its session and nothing of the host', () => {
    const world = createWorld();
    expect(runProgram('cat /etc/passwd', world)[0]).toMatch(/^root:x:0:0:root:\/root:\/bin\/tiny/);
    expect(runProgram('rm public/shipping.md && cat public/shipping.md', world)).toEqual([
      'removed public/shipping.md',
      'public/shipping.md: not found',
    ]);
    expect(createWorld().files.has('public/shipping.md')).toBe(true);
    expect(runProgram('env; node -e 1; process.exit(1)', world)).toEqual([
      'SHELL=/bin/tiny\nUSER=assistant\nHOME=/home/assistant',
      'node: unknown command',
      'process.exit(1): unknown command',
    ]);
  });

  it('tells a sum from everything else', () => {
    expect(['1', ' (2 + 3) / 4.5 % 2 '].map(isArithmetic)).toEqual([true, true]);
    expect(['', 'ls', '1; ls', '1 && cat x', '1e3'].map(isArithmetic)).toEqual([false, false, false, false, false]);
  });
});
