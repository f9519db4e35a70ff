/** The published description of the Kubernetes API and its example objects, which lie beside the contract and are not part of the repository. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { absent, variable } from './surroundings.ts';

const folder = join(
  variable('EDGETWIN_SPEC') ?? join(import.meta.dirname, '../../../shared/spec'),
  '../kubernetes',
);

/** What to pass to a test that needs it. */
export const withReferee = existsSync(join(folder, 'openapi-v2.json'))
  ? {}
  : absent('the description of the Kubernetes API is not there');

export interface Definition {
  readonly properties?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly required?: readonly string[];
  readonly 'x-kubernetes-map-type'?: string;
}

/** Definitions by our own names: `core.v1.Pod`. */
export function definitions(): ReadonlyMap<string, Definition> {
  const text = readFileSync(join(folder, 'openapi-v2.json'), 'utf8');
  const document = JSON.parse(text) as { definitions: Record<string, Definition> };
  return new Map(
    Object.entries(document.definitions).map(([name, definition]) => [
      name.replace(/^io\.k8s\.(apimachinery\.pkg\.apis\.|api\.)/, ''),
      definition,
    ]),
  );
}

/** An example object in both encodings; undefined where there is none. */
export function example(
  name: string,
): { readonly json: unknown; readonly protobuf: Buffer } | undefined {
  const path = join(folder, 'serialization', name);
  if (!existsSync(`${path}.pb`)) return undefined;
  return {
    json: JSON.parse(readFileSync(`${path}.json`, 'utf8')),
    protobuf: readFileSync(`${path}.pb`),
  };
}
