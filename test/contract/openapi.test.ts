import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { startService } from '../support/service.ts';
import { modelFindings, operationFindings } from './compare.ts';
import { deviations, unlisted, unreasoned } from './deviations.ts';
import { absence, officialContracts } from './official.ts';
import {
  BEYOND,
  ourContract,
  type OurDocument,
  ourDocument,
  ourVersions,
  resolved,
} from './ours.ts';

const FOLDER = join(import.meta.dirname, '../../openapi');

/** As it lies there. */
const written = (version: string): OurDocument | undefined => {
  const path = join(FOLDER, `${version}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as OurDocument) : undefined;
};
const documents = ourVersions.map((version) => ({ version, document: written(version) }));

describe('openapi/', () => {
  test('has a document for each version, as declared', () => {
    assert.deepEqual(
      readdirSync(FOLDER).sort(),
      ourVersions.map((version) => `${version}.json`).sort(),
    );
    const stale = documents.filter(
      ({ version, document }) => JSON.stringify(document) !== JSON.stringify(ourDocument(version)),
    );
    assert.deepEqual(
      stale.map(({ version }) => version),
      [],
      'run `npm run openapi`',
    );
  });

  test('its references lead somewhere, and nothing in it is unused', () => {
    for (const { version, document } of documents) {
      const text = JSON.stringify(document);
      const refs = new Set([...text.matchAll(/"(#\/components\/[^"]+)"/g)].map(([, ref]) => ref!));
      for (const ref of refs) assert.ok(resolved(document!, ref), `${version} ${ref}`);
      for (const [name] of Object.entries(document!.components.schemas ?? {})) {
        assert.ok(refs.has(`#/components/schemas/${name}`), `${version}: ${name} is used`);
      }
    }
  });

  test('operation ids are unique', () => {
    for (const { version, document } of documents) {
      const ids = operationsIn(document!).map(({ operationId }) => operationId);
      assert.equal(new Set(ids).size, ids.length, version);
    }
  });

  test('is what the service shows, at two addresses', async (context) => {
    const { service } = await startService(context);
    const shown = async (url: string) => await service.door.inject({ method: 'GET', url });
    for (const { version, document } of documents) {
      for (const url of [`/openapi/${version}.json`, `/openapi.json?api-version=${version}`]) {
        assert.deepEqual((await shown(url)).json(), document, url);
      }
    }
    const { paths } = (await shown('/openapi.json')).json<OurDocument>();
    for (const path of Object.keys(documents.at(-1)!.document!.paths)) {
      assert.ok(paths[path] !== undefined, `the whole document has ${path}`);
    }
    assert.equal((await shown('/openapi/2018-01-01.json')).statusCode, 404);
  });

  test('equals the official contract in operations, parameters, statuses and marks', {
    skip: absence,
  }, () => {
    const ours = documents.map(({ document }) => ourContract(document!));
    const found = unlisted(operationFindings(ours, officialContracts()), deviations.operations);
    assert.equal(found.join('\n'), '', '+ differs; - is listed and no longer differs');
    assert.deepEqual(unreasoned(deviations.operations), [], 'a deviation has a reason');
  });

  test('equals the official contract in its models', { skip: absence }, () => {
    const ours = documents.map(({ document }) => ourContract(document!));
    const found = unlisted(modelFindings(ours, officialContracts()), deviations.models);
    assert.equal(found.length, 0, `${found.length} differences: see schema.test.ts`);
  });

  test('calls its models as the contract does', { skip: absence }, () => {
    for (const { swagger, version } of officialContracts()) {
      const { document } = documents.find((one) => one.version === version)!;
      const names = Object.keys(document!.components.schemas ?? {});
      // ARM's common type has its name in lower case, from 2022-03-01 on.
      const known = [...Object.keys(swagger.definitions), 'SystemData'];
      assert.deepEqual(
        names.filter((name) => !known.includes(name)),
        [],
        version,
      );
    }
  });

  test('has beyond the contract only where operations are polled', { skip: absence }, () => {
    for (const { version, document } of documents) {
      const official = officialContracts().find((contract) => contract.version === version);
      const beyond = operationsIn(document!).filter(
        ({ operationId }) => official?.operations.has(operationId) !== true,
      );
      assert.deepEqual(
        beyond.map(({ operationId }) => operationId).filter((id) => !BEYOND.test(id)),
        [],
        version,
      );
    }
  });
});

const operationsIn = (document: OurDocument) =>
  Object.values(document.paths).flatMap((methods) => Object.values(methods));
