import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nodeOf, isReadOnlyIn, type SchemaNode } from '#arm/schema.ts';
import { requestSchema, versionSchema } from '#arm/version-schema.ts';
import { definitions } from '#resources/index.ts';
import { modelFindings } from './compare.ts';
import { deviations, unlisted, unreasoned } from './deviations.ts';
import { absence, officialContracts } from './official.ts';
import { ourContract, ourDocument, ourVersions } from './ours.ts';

describe('bodies and answers', () => {
  test('are what the official contract says, both ways, in every version', {
    skip: absence,
  }, () => {
    const ours = ourVersions.map((version) => ourContract(ourDocument(version)));
    const found = unlisted(modelFindings(ours, officialContracts()), deviations.models);
    assert.equal(
      found.join('\n'),
      '',
      '+ differs from the contract: mend the declaration, or list it in deviations.json with a reason; - no longer differs',
    );
    assert.deepEqual(unreasoned(deviations.models), [], 'a deviation has a reason');
  });

  test('a request may hold exactly what is not read-only in its version', () => {
    for (const type of definitions) {
      for (const schema of [type.schema, ...Object.values(type.kinds ?? {})]) {
        for (const version of type.versions.versions) {
          assert.deepEqual(
            pathsOf(requestSchema(nodeOf(schema), version)),
            writable(versionSchema(nodeOf(schema), version), version),
            `${type.type} ${version}`,
          );
        }
      }
    }
  });
});

const inner = (node: SchemaNode): [string, SchemaNode][] => [
  ...Object.entries(node.properties ?? {}),
  ...(node.items === undefined ? [] : [['[]', node.items] as [string, SchemaNode]]),
];

/** Every member, as a path. */
const pathsOf = (node: SchemaNode): string[] =>
  inner(node).flatMap(([name, member]) => [
    name,
    ...pathsOf(member).map((path) => `${name}.${path}`),
  ]);

const writable = (node: SchemaNode, version: string): string[] =>
  inner(node)
    .filter(([, member]) => !isReadOnlyIn(member, version))
    .flatMap(([name, member]) => [
      name,
      ...writable(member, version).map((path) => `${name}.${path}`),
    ]);
