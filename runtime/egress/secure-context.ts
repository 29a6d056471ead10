import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';

import { OrdealError } from '../../domain/failures.ts';

export interface TlsOptions {
  /** PEM. Replaces the public roots: the target must then be signed by this authority and no other. */
  readonly ca?: string;
  /** The name that the certificate must be for, where it is not the host of the URL. */
  readonly servername?: string;
  /** Default TLSv1.2, which is also the least. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** For a target that asks for one. PEM. */
  readonly clientCertificate?: { readonly certificate: string; readonly key: string; readonly passphrase?: string };
}

/** What a TLS connection to a target is made with. Throws `target_config_invalid` for what is not PEM or does not fit together. */
export function makeSecureContext({ ca, minVersion = 'TLSv1.2', clientCertificate }: TlsOptions): SecureContext {
  // OpenSSL drops what it cannot read without a word, and the target would look untrusted instead of misconfigured.
  if (ca !== undefined) attempt('The CA certificate of the target is not valid PEM', () => new X509Certificate(ca));
  if (clientCertificate === undefined) return createSecureContext({ minVersion, ...(ca === undefined ? {} : { ca }) });
  const { certificate, key, passphrase } = clientCertificate;
  const leaf = attempt('The client certificate is not valid PEM', () => new X509Certificate(certificate));
  const privateKey = attempt('The key of the client certificate cannot be read: it is not valid PEM, or its passphrase is wrong', () =>
    createPrivateKey({ key, ...(passphrase === undefined ? {} : { passphrase }) }),
  );
  if (!leaf.checkPrivateKey(privateKey)) {
    throw new OrdealError('target_config_invalid', 'The key does not belong to the client certificate');
  }
  return attempt('The client certificate cannot be used', () =>
    createSecureContext({
      minVersion,
      cert: certificate,
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      ...(ca === undefined ? {} : { ca }),
    }),
  );
}

function attempt<Result>(complaint: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw new OrdealError('target_config_invalid', complaint, { cause });
  }
}
