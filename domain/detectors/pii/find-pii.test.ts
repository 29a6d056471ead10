import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuTimeMs } from '../../../test/harness/cpu-time.ts';
import { findPii } from './find-pii.ts';
import type { PiiType } from './pii-type.ts';

function found(text: string, type: PiiType): string[] {
  return findPii(text)
    .filter((match) => match.type === type)
    .map((match) => text.slice(match.start, match.end));
}

/** The Luhn check digit for the digits before it. */
function withLuhnDigit(digits: readonly number[]): string {
  const sum = digits.toReversed().reduce((total, digit, index) => {
    const doubled = index % 2 === 0 ? digit * 2 : digit;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return `${digits.join('')}${(10 - (sum % 10)) % 10}`;
}

describe('findPii', () => {
  it('finds an e-mail address without the punctuation around it', () => {
    expect(found('Mail (jo.doe+x@mail.example.org), or not.', 'email')).toEqual(['jo.doe+x@mail.example.org']);
  });

  it('finds an e-mail address with look-alike letters and one with an encoded at sign', () => {
    expect(found('jоe@exаmple.com', 'email')).toEqual(['jоe@exаmple.com']);
    expect(found('GET /u?email=jo.doe%40example.com&x=1', 'email')).toEqual(['jo.doe%40example.com']);
  });

  it('takes no handle, decorator or package version for an e-mail address', () => {
    for (const text of ['@jo said hi', 'pkg@1.2.3', 'user@localhost', 'a@b..com', '@Component.foo']) {
      expect(found(text, 'email'), text).toEqual([]);
    }
  });

  it('finds phone numbers in international and national writing', () => {
    expect(found('call +1 (234) 817-8325 now', 'phone')).toEqual(['+1 (234) 817-8325']);
    expect(found('Tel. +49 30 901820', 'phone')).toEqual(['+49 30 901820']);
    expect(found('(415) 555-2671 or 415.555.2672', 'phone')).toEqual(['(415) 555-2671', '415.555.2672']);
  });

  it('takes no date, version or plain count for a phone number', () => {
    for (const text of ['2024-01-02 to 2024-03-04', '1.2.3', '1234567890 rows', 'order 555-1234-9']) {
      expect(found(text, 'phone'), text).toEqual([]);
    }
  });

  it('finds a social security number, also misread by text recognition behind its label', () => {
    expect(found('id 123-45-6789.', 'us_ssn')).toEqual(['123-45-6789']);
    expect(found('SSN 54O-31-1O78, Phone', 'us_ssn')).toEqual(['54O-31-1O78']);
    expect(found('SSN: 123456789', 'us_ssn')).toEqual(['123456789']);
  });

  it('refuses social security numbers that are never given', () => {
    for (const text of ['000-12-3456', '666-12-3456', '123-00-4567', '123-45-0000']) expect(found(text, 'us_ssn')).toEqual([]);
  });

  it('finds every card number that passes the Luhn check and none that fails it', () => {
    const body = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 14, maxLength: 14 });
    fc.assert(
      fc.property(body, (digits) => {
        fc.pre(new Set(digits).size > 2);
        const card = withLuhnDigit([4, ...digits]);
        const wrong = `${card.slice(0, -1)}${(Number(card.at(-1)) + 1) % 10}`;
        expect(found(`card ${card} end`, 'credit_card')).toEqual([card]);
        expect(found(`card ${wrong} end`, 'credit_card')).toEqual([]);
      }),
    );
  });

  it('checks an IBAN by its remainder', () => {
    expect(found('pay to GB82 WEST 1234 5698 7654 32 today', 'iban')).toEqual(['GB82 WEST 1234 5698 7654 32']);
    expect(found('pay to GB82 WEST 1234 5698 7654 33 today', 'iban')).toEqual([]);
  });

  it('needs a label for numbers without a shape of their own', () => {
    expect(found('Account: 0286727274', 'bank_account')).toEqual(['0286727274']);
    expect(found('0286727274 items', 'bank_account')).toEqual([]);
    expect(found('Passport No. K1234567', 'passport')).toEqual(['K1234567']);
    expect(found('born on 3 March 1984', 'date_of_birth')).toEqual(['3 March 1984']);
    expect(found('released on 3 March 1984', 'date_of_birth')).toEqual([]);
  });

  it('finds network addresses and refuses look-alikes', () => {
    expect(found('from 80.24.1.2. Next', 'ip_address')).toEqual(['80.24.1.2']);
    expect(found('2001:db8:85a3::8a2e:370:7334', 'ip_address')).toEqual(['2001:db8:85a3::8a2e:370:7334']);
    for (const text of ['version 1.2.3.4', '300.1.1.1', '1.2.3.4.5', '10:20:30', 'std::vec::Vec', '0.0.0.0']) {
      expect(found(text, 'ip_address'), text).toEqual([]);
    }
    expect(found('whitelist: 62:4e:3a:12:fe:d6', 'mac_address')).toEqual(['62:4e:3a:12:fe:d6']);
  });

  it('counts one endpoint once, unless whoever redacts asks for all', () => {
    const text = 'access from 60.24.26.60 (MAC: 01:f2:85:2f:2e:f3)';
    expect(findPii(text).map((match) => match.type)).toEqual(['ip_address']);
    expect(findPii(text, { keepEndpointAliases: true }).map((match) => match.type)).toEqual(['ip_address', 'mac_address']);
  });

  it('reports spans in order, inside the text and without overlap, for any text', () => {
    const fragments = fc.constantFrom(
      'a@b.co',
      '+1 (234) 817-8325',
      '123-45-6789',
      '1.2.3.4',
      'SSN ',
      'tel: ',
      '::',
      '-',
      ' ',
      '4111111111111111',
      '"',
      '=',
      'pass',
      '%40',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(fragments, fc.string()), { maxLength: 30 }), (parts) => {
        const text = parts.join('');
        let previousEnd = 0;
        for (const match of findPii(text, { keepEndpointAliases: true })) {
          expect(match.start).toBeGreaterThanOrEqual(previousEnd);
          expect(match.end).toBeGreaterThan(match.start);
          expect(match.end).toBeLessThanOrEqual(text.length);
          previousEnd = match.end;
        }
      }),
    );
  });

  it('reads a megabyte of hostile text in linear time', () => {
    for (const unit of ['a@', '1-', '1 ', '(1', 'a:', '1.2.3.4.', 'ssn 123-', 'pass: "', 'DE89 ', '%40']) {
      const text = unit.repeat(Math.ceil(1_000_000 / unit.length));
      // The bound is 100 ms; the slack is for a slow test machine and still far below quadratic time.
      expect(
        cpuTimeMs(() => findPii(text)),
        unit,
      ).toBeLessThan(1_000);
    }
  });
});
