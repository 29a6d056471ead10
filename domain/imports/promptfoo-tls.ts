import type { TargetTls } from '../target.ts';
import type { ImportNotes, ImportPath } from './import-notes.ts';
import { isRecord } from './imported-value.ts';

const byHand: Readonly<Record<string, string>> = {
  caPath: 'names another file, which is not read; put its PEM into definition.tls.ca by hand',
  cert: 'is not copied; set clientCertificate in the target file by hand',
  certPath: 'names another file, which is not read; set clientCertificate in the target file by hand',
  key: 'is not copied; set clientCertificate in the target file by hand',
  keyPath: 'names another file, which is not read; set clientCertificate in the target file by hand',
  passphrase: 'is not copied; set clientCertificate.passphrase in the target file by hand',
  pfx: 'is no PEM; convert it, and set clientCertificate in the target file by hand',
  pfxPath: 'is no PEM; convert it, and set clientCertificate in the target file by hand',
};

/** `config.tls` as far as Ordeal has it. Nothing that verifies less is taken, and no key is copied. */
export function readTls(value: unknown, path: ImportPath, notes: ImportNotes): TargetTls | undefined {
  if (value === undefined) return undefined;
  if (!isRecord(value)) {
    notes.refused(path, 'is not a mapping');
    return undefined;
  }
  const tls: { ca?: string; servername?: string; minVersion?: 'TLSv1.2' | 'TLSv1.3' } = {};
  for (const [field, setting] of Object.entries(value)) {
    const at = [...path, field];
    if (field === 'ca' && typeof setting === 'string' && setting.includes('-----BEGIN CERTIFICATE-----')) {
      tls.ca = setting;
      notes.taken(at, 'the only authority that is trusted');
    } else if (field === 'servername' && typeof setting === 'string' && !setting.includes('{{')) {
      tls.servername = setting;
      notes.taken(at, 'server name');
    } else if (field === 'minVersion' && (setting === 'TLSv1.2' || setting === 'TLSv1.3')) {
      tls.minVersion = setting;
      notes.taken(at, 'least version');
    } else if (field === 'rejectUnauthorized' && setting === true) {
      notes.taken(at, 'certificates are always verified');
    } else if (field === 'rejectUnauthorized') {
      notes.refused(at, 'certificates are always verified; name the authority of the agent with tls.ca instead');
    } else {
      notes.refused(at, byHand[field] ?? 'is not a TLS option that is carried over');
    }
  }
  return Object.keys(tls).length === 0 ? undefined : tls;
}
