import { describe, expect, it } from 'vitest';

import { findByName } from './find-by-name.ts';

const shop = { id: 'prj_1', name: 'Shop' };
const bank = { id: 'prj_2', name: 'Bank' };

describe('findByName', () => {
  it('takes the only one there is', () => {
    expect(findByName([shop], { noun: 'project', wanted: undefined })).toBe(shop);
  });

  it('takes an id or a name', () => {
    expect(findByName([shop, bank], { noun: 'project', wanted: 'prj_2' })).toBe(bank);
    expect(findByName([shop, bank], { noun: 'project', wanted: 'Shop' })).toBe(shop);
  });

  it('lists what exists when it is not clear which is meant', () => {
    expect(() => findByName([shop, bank], { noun: 'project', wanted: undefined })).toThrow(
      'Say which project: --project takes an id or a name. There are:\n  prj_1  Shop\n  prj_2  Bank',
    );
    expect(() => findByName([shop, bank], { noun: 'project', wanted: 'Shoq' })).toThrow(
      'There is no project "Shoq" (did you mean "Shop"?). There are:',
    );
    expect(() => findByName([shop, { ...bank, name: 'Shop' }], { noun: 'project', wanted: 'Shop' })).toThrow(
      '2 projects have the name "Shop"',
    );
    expect(() => findByName([], { noun: 'project', wanted: undefined })).toThrow('There is no project yet');
  });
});
