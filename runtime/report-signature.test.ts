import { createHash, randomBytes } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { canonicalJson } from './canonical-json.ts';
import { checkSignedReport, reportKeyOf, signReport } from './report-signature.ts';
import { secretKeyOf } from './secret-box.ts';

const secret = createHash('sha256').update('a secret of the tests').digest();
const key = reportKeyOf(secretKeyOf(secret));
const report = { runId: 'run_1', score: { risk: 97.2, coveragePercent: 100 }, findings: [{ title: 'Größe “x” \u0007' }], endedAt: null };
const check = (text: string) => checkSignedReport(Buffer.from(text));

describe('signReport', () => {
  it('gives what checkSignedReport takes, with the fingerprint of the key', () => {
    expect(check(signReport(key, report))).toEqual({ isValid: true, fingerprint: key.fingerprint, report });
  });

  it('gives the same bytes for the same report, in whatever order its keys are', () => {
    const { runId, ...rest } = report;
    expect(signReport(key, { ...rest, runId })).toBe(signReport(key, report));
  });

  it('signs any JSON', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ stringUnit: 'grapheme' })), (any) => {
        const result = check(signReport(key, any));
        expect(result).toMatchObject({ isValid: true });
      }),
    );
  });
});

describe('checkSignedReport', () => {
  it('finds each single changed byte', () => {
    const bytes = Buffer.from(signReport(key, report));
    for (let index = 0; index < bytes.length; index += 1) {
      for (const flip of [1, 0x20, 0x80]) {
        const changed = Buffer.from(bytes);
        changed[index] = (changed[index] ?? 0) ^ flip;
        expect(checkSignedReport(changed).isValid, `byte ${index}`).toBe(false);
      }
    }
  });

  it('finds a byte that was added or taken away', () => {
    const text = signReport(key, report);
    for (const changed of [`${text}\n`, ` ${text}`, `\ufeff${text}`, text.slice(0, -1), text.replace('{"format"', '{ "format"'), '']) {
      expect(check(changed).isValid).toBe(false);
    }
  });

  it('refuses a key that stands in it twice, a further field, and another format', () => {
    const text = signReport(key, report);
    expect(check(text.replace('"runId":"run_1"', '"runId":"run_2","runId":"run_1"')).isValid).toBe(false);
    expect(check(canonicalJson({ ...JSON.parse(text), remark: 'all is well' })).isValid).toBe(false);
    expect(check(canonicalJson({ ...JSON.parse(text), format: 'ordeal-signed-report/2' })).isValid).toBe(false);
    for (const other of ['null', '[]', '{}', '"x"', '{"format":"ordeal-signed-report/1"}']) expect(check(other).isValid).toBe(false);
  });

  it('tells a report that somebody else signed by its fingerprint', () => {
    const other = reportKeyOf(secretKeyOf(randomBytes(32)));
    const forged = check(signReport(other, { ...report, findings: [] }));
    expect(forged).toMatchObject({ isValid: true, fingerprint: other.fingerprint });
    expect(other.fingerprint).not.toBe(key.fingerprint);
  });

  it('refuses a foreign signature under the name of our key', () => {
    const other = reportKeyOf(secretKeyOf(randomBytes(32)));
    const forged = JSON.parse(signReport(other, report));
    for (const part of [{ fingerprint: key.fingerprint }, { fingerprint: key.fingerprint, publicKey: key.publicKey }]) {
      expect(check(canonicalJson({ ...forged, signature: { ...forged.signature, ...part } })).isValid).toBe(false);
    }
  });
});

describe('reportKeyOf', () => {
  it('gives the same key for the same secret, and does not show the secret', () => {
    expect(reportKeyOf(secretKeyOf(Buffer.from(secret))).publicKey).toBe(key.publicKey);
    const { d } = key.privateKey.export({ format: 'jwk' });
    expect(d).not.toBe(secret.toString('base64url'));
  });
});

describe('canonicalJson', () => {
  it('is JSON of the same value, with sorted keys and no white space', () => {
    expect(canonicalJson({ b: [1, 'x', null, true], a: { d: 1e21, c: -0 }, '\u20ac': '\n' })).toBe(
      '{"a":{"c":0,"d":1e+21},"b":[1,"x",null,true],"€":"\\n"}',
    );
  });

  it('throws for what JSON cannot hold exactly', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, '\ud800', { '\ud800': 1 }])
      expect(() => canonicalJson(value)).toThrow(RangeError);
  });
});
