import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { root } from '../bootstrap/place.mjs';
import { compileSchema, rejections, type Rejection } from '../release/properties-schema.ts';

/**
 * Validates properties as a Director does before it renders a job, and more: a Director ignores a
 * property that the job does not declare.
 */
export function rejectedProperties(job: string, properties: unknown): readonly Rejection[] {
  const schema: unknown = JSON.parse(readFileSync(path.join(root, schemaFile(job)), 'utf8'));
  return rejections(compileSchema(v.parse(v.looseObject({}), schema)), properties);
}

export const schemaFile = (job: string): string => `jobs/${job}/properties_schema.json`;
