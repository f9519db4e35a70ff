import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errors, statusOf } from '#arm/errors.ts';
import { envelopeOf } from '#shared/envelope.ts';

test('all faults at once: the first in the message and as target, every one in the details', () => {
  const faults = [
    { target: 'properties.a', message: "The value of 'properties.a' must be string." },
    { target: 'properties.b', message: 'No.', code: 'Own' },
  ];
  const { status, failure, refusedBy } = errors.invalidContent(faults);
  assert.deepEqual([status, refusedBy], [400, 'gateway']);
  assert.deepEqual(envelopeOf(failure), {
    error: {
      code: 'InvalidRequestContent',
      message:
        "The request content was invalid: The value of 'properties.a' must be string (and 1 more; see details).",
      target: 'properties.a',
      details: [
        { code: 'InvalidRequestContent', message: faults[0]?.message, target: 'properties.a' },
        { code: 'Own', message: 'No.', target: 'properties.b' },
      ],
    },
  });
});

test('the texts that clients match on', () => {
  const versions = ['2023-12-01', '2022-03-01'];
  const known = errors.noRegisteredProvider({
    location: 'eastus',
    version: '2000-01-01',
    type: 'dataBoxEdgeDevices',
    versions,
    locations: ['eastus', 'westus'],
  });
  assert.equal(
    known.failure.message,
    "No registered resource provider found for location 'eastus' and API version '2000-01-01' for type 'dataBoxEdgeDevices'. " +
      "The supported api-versions are '2023-12-01, 2022-03-01'. The supported locations are 'eastus, westus'.",
  );
  const unknown = { type: 'x', namespace: 'N', version: 'V' };
  assert.equal(
    errors.invalidResourceType({ ...unknown, versions }).failure.message,
    "The resource type 'x' could not be found in the namespace 'N' for api version 'V'. The supported api-versions are '2023-12-01,2022-03-01'.",
  );
  assert.equal(
    errors.invalidResourceType({ ...unknown, versions: [] }).failure.message,
    "The resource type 'x' could not be found in the namespace 'N' for api version 'V'.",
  );
  assert.equal(
    errors.parentNotFound('d1').failure.message,
    "Can not perform requested operation on nested resource. Parent resource 'd1' not found.",
  );
  assert.equal(
    errors.entityNotFound('ps5199').failure.message,
    'Could not find the entity ps5199.\r\nProvide a valid entity name and retry the operation.',
  );
});

test('ARM’s own refusals say that they are its own; the provider’s are the service’s [rec 17]', () => {
  assert.equal(errors.resourceNotFound('a/b', 'c', 'd').refusedBy, 'gateway');
  assert.equal(errors.entityNotFound('x').refusedBy, 'service');
  assert.equal(errors.internal('id').refusedBy, 'service');
});

test('an envelope has no null and no empty list: they break the Python client [ran]', () => {
  const text = JSON.stringify(envelopeOf({ code: 'A', message: 'b', details: [] }));
  assert.equal(text, '{"error":{"code":"A","message":"b"}}');
});

test('the status of a failure follows from its kind', () => {
  const statuses = (['invalid', 'notFound', 'limit', 'conflict', 'internal'] as const).map((kind) =>
    statusOf({ kind, code: 'A', message: 'b' }),
  );
  assert.deepEqual(statuses, [400, 400, 400, 409, 500]);
});
