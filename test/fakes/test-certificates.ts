import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
}

export interface TestCertificates {
  /** The authority that signed the first three. */
  readonly ca: string;
  readonly valid: TestCertificate;
  readonly wrongHost: TestCertificate;
  readonly expired: TestCertificate;
  readonly selfSigned: TestCertificate;
}

/** Certificates for `agent.test`, made by the `openssl` program; nothing when it is not installed. */
export function makeTestCertificates(): TestCertificates | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'ordeal-certificates-'));
  try {
    const ca = selfSign(folder, 'ca', 'Ordeal test authority');
    return {
      ca: ca.cert,
      valid: sign(folder, 'valid', { host: 'agent.test' }),
      wrongHost: sign(folder, 'wrong-host', { host: 'other.test' }),
      expired: sign(folder, 'expired', { host: 'agent.test', validity: ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z'] }),
      selfSigned: selfSign(folder, 'self-signed', 'agent.test'),
    };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function selfSign(folder: string, name: string, host: string): TestCertificate {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  openssl([
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    key,
    '-out',
    cert,
    '-subj',
    `/CN=${host}`,
    '-addext',
    `subjectAltName=DNS:${host.replaceAll(' ', '-')}`,
    '-days',
    '2',
  ]);
  return read(key, cert);
}

interface SignOptions {
  readonly host: string;
  /** Options of `openssl ca` that set the validity; two days from now by default. */
  readonly validity?: readonly string[];
}

/** `openssl ca` rather than `openssl x509`: only it sets both ends of the validity in every version since 1.1. */
function sign(folder: string, name: string, { host, validity = ['-days', '2'] }: SignOptions): TestCertificate {
  const [key, request, cert] = [join(folder, `${name}.key`), join(folder, `${name}.csr`), join(folder, `${name}.pem`)];
  openssl(['req', '-new', ...newKey, '-keyout', key, '-out', request, '-subj', `/CN=${host}`]);
  const config = join(folder, `${name}.cnf`);
  writeFileSync(join(folder, `${name}.index`), '');
  writeFileSync(config, authorityConfig(folder, name, host));
  openssl(['ca', '-batch', '-config', config, '-in', request, '-out', cert, '-notext', ...validity]);
  return read(key, cert);
}

function authorityConfig(folder: string, name: string, host: string): string {
  return [
    '[ca]',
    'default_ca = it',
    '[it]',
    `database = ${join(folder, `${name}.index`)}`,
    `new_certs_dir = ${folder}`,
    `certificate = ${join(folder, 'ca.pem')}`,
    `private_key = ${join(folder, 'ca.key')}`,
    'default_md = sha256',
    'policy = any',
    'rand_serial = yes',
    'x509_extensions = extensions',
    '[any]',
    'commonName = supplied',
    '[extensions]',
    `subjectAltName = DNS:${host}`,
    '',
  ].join('\n');
}

function read(key: string, cert: string): TestCertificate {
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}

function openssl(args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
