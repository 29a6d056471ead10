import { z } from 'zod';

import { readPlantedDocument } from '../../../db/documents/read-planted-document.ts';
import { withOrg } from '../../../db/with-org.ts';
import { OrdealError } from '../../../domain/failures.ts';
import { parseDocumentToken } from '../../../runtime/document-token.ts';
import { defineEndpoint } from '../../define-endpoint.ts';

/** What is served is an attack by nature: no browser may run anything in it, keep it, or take it for something else. */
const guardHeaders = {
  'Content-Security-Policy': "default-src 'none'; sandbox",
  'Cache-Control': 'no-store',
  'X-Robots-Tag': 'noindex',
} as const;

export const getPlantedDocument = defineEndpoint({
  id: 'getPlantedDocument',
  method: 'get',
  path: '/documents/:token',
  tag: 'documents',
  summary: 'Fetch the document that a step planted for the agent under test',
  auth: 'none',
  failures: [],
  input: { params: z.object({ token: z.string().max(200).meta({ description: 'From the prompt of the step; nobody can guess it' }) }) },
  output: {
    status: 200,
    description: 'The document, in its own media type, while its run lasts',
    schema: z.string().meta({ id: 'PlantedDocument' }),
    alsoAs: ['text/plain', 'text/html', 'text/markdown'],
  },
  handler: async ({ params }, { deps }) => {
    const address = parseDocumentToken(deps.secretKeys, params.token);
    const found = address && (await withOrg(deps.database, address.orgId, (tx) => readPlantedDocument(tx, address.orgId, address.probeId)));
    if (found === undefined) throw new OrdealError('not_found', 'There is no such document, or its run has ended.');
    const contentType = `${found.mediaType}; charset=utf-8`;
    return { reply: { kind: 'text', status: 200, contentType, text: found.content, headers: guardHeaders } };
  },
});
