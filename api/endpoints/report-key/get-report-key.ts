import { reportKeySchema } from '../../../contracts/report.ts';
import { reportKeyOf } from '../../../runtime/report-signature.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

export const getReportKey = defineEndpoint({
  id: 'getReportKey',
  method: 'get',
  path: '/api/report-key',
  tag: 'runs',
  summary: 'Get the public key by which signed reports are checked',
  auth: 'none',
  failures: [],
  input: {},
  output: { status: 200, description: 'Public, and the same until ORDEAL_SECRET_KEY gets another first key', schema: reportKeySchema },
  handler: (_input, { deps }) => {
    const { publicKey, fingerprint } = reportKeyOf(deps.secretKeys[0]);
    return Promise.resolve({ algorithm: 'Ed25519' as const, publicKey, fingerprint });
  },
});
