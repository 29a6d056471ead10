import { z } from 'zod';
import { scriptFileSchema } from './script.ts';

/** The JSON Schema of script files, for editors. */
export function scriptJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(scriptFileSchema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      // What our OpenAPI document is told of a schema is no keyword of JSON Schema.
      delete jsonSchema['override'];
      delete jsonSchema.readOnly;
    },
  });
  return { $schema, title: 'Ordeal script', ...schema };
}
