import { readFileSync } from 'node:fs';

import SwaggerParser from '@apidevtools/swagger-parser';
import { describe, expect, it } from 'vitest';

import { productVersion } from '../runtime/product-version.ts';
import { endpoints } from './endpoints.ts';
import { createOpenApiDocument } from './openapi.ts';

const document = createOpenApiDocument(endpoints, productVersion());

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    await expect(SwaggerParser.validate(structuredClone(document) as Parameters<typeof SwaggerParser.validate>[0])).resolves.toBeDefined();
  });

  it('is what docs/openapi.json says', () => {
    expect(JSON.parse(readFileSync(new URL('../docs/openapi.json', import.meta.url), 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(document)),
    );
  });

  it('has each endpoint once, under a name of its own', () => {
    expect(new Set(endpoints.map(({ id }) => id)).size).toBe(endpoints.length);
    expect(new Set(endpoints.map(({ method, path }) => `${method} ${path}`)).size).toBe(endpoints.length);
  });

  it('names every parameter of a path', () => {
    for (const { id, path, input } of endpoints) {
      const inPath = [...path.matchAll(/:(\w+)/g)].map((match) => match[1]);
      expect([id, Object.keys(input.params?.shape ?? {})]).toEqual([id, inPath]);
    }
  });
});
