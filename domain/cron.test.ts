import { describe, expect, it } from 'vitest';

import { cronFault, cronFiringsPerDay } from './cron.ts';

describe('a cron line', () => {
  it.each(['0 6 * * 1-5', '*/15 0-6,22,23 1 jan,JUL sun', '5/10 * * * *', '0 0 29 2 *', '0 0 31 2,3 *', ' @daily ', '0 3 * * 7'])(
    'is taken: %s',
    (line) => {
      expect(cronFault(line)).toBeUndefined();
    },
  );

  it.each([
    ['every day', /must be five cron fields/],
    ['0 0 * * * *', /must be five cron fields/],
    ['@every 5m', /must be five cron fields/],
    ['99 6 * * *', /"99" as its minute: 0 to 59/],
    ['0 24 * * *', /"24" as its hour/],
    ['0 0 0 * *', /day of the month: 1 to 31/],
    ['0 0 * jun-feb *', /its month: 1 to 12 or jan to dec/],
    ['0 0 * * 1#2', /"1#2" as its day of the week/],
    ['0 0 L * *', /"L"/],
    ['*/0 * * * *', /"\*\/0"/],
    ['*/60 * * * *', /"\*\/60" as its minute/],
    ['0 */24 * * *', /"\*\/24" as its hour/],
    ['1,,2 * * * *', /"1,,2"/],
    ['0 0 ? * 1', /"\?"/],
    ['0 0 31 2 *', /no month of it has/],
    ['0 0 30,31 feb *', /no month of it has/],
  ])('is refused: %s', (line, why) => {
    expect(cronFault(line)).toMatch(why);
  });

  it('fires so often in a day', () => {
    expect(['* * * * *', '0 3 * * 1', '*/15 8-17 * * *', '@hourly', '@weekly'].map(cronFiringsPerDay)).toEqual([1_440, 1, 40, 24, 1]);
  });
});
