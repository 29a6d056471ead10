import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import express, { Router, type Request, type Response } from 'express';

import { productVersion } from '../runtime/product-version.ts';
import { endpoints } from './endpoints.ts';
import { createOpenApiDocument } from './openapi.ts';

/** Serves `/openapi.json`, and Swagger UI at `/documentation` from files of this process alone. */
export function documentation(): Router {
  const router = Router();
  const document = JSON.stringify(createOpenApiDocument(endpoints, productVersion()));
  router.get('/openapi.json', (_request: Request, response: Response) => void response.type('application/json').send(document));
  router.get('/documentation', (_request: Request, response: Response) => void response.type('text/html').send(page));
  router.get('/documentation/start.js', (_request: Request, response: Response) => void response.type('text/javascript').send(startScript));
  router.use('/documentation/assets', express.static(assetsFolder, { index: false, immutable: true, maxAge: '1h' }));
  return router;
}

const assetsFolder = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/swagger-ui.css')));
const page = readFileSync(new URL('documentation.html', import.meta.url), 'utf8');
const startScript = readFileSync(new URL('documentation-start.js', import.meta.url), 'utf8');
