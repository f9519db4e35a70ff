import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assessSupportRequest, offersOf } from '#billing/offers.ts';
import { GRANTED, SUBSCRIPTION, at, deviceId, factsOf } from './facts.ts';

const CLAIM = {
  issueType: 'Billing',
  subscription: SUBSCRIPTION,
  service: 'Azure Stack Edge',
  resource: deviceId('a'),
  summary: 'Arc preview: please do not charge us',
  problemType: 'Unexpected Charges',
  problemSubtype: 'Help me understand charges on my free trial',
};

test('every device has a flag: standard until the offer is granted, and again after', () => {
  const facts = [
    ...factsOf('a', [
      ['2026-11-01', 'billing.offerGranted', GRANTED],
      ['2026-11-05', 'billing.offerGranted', GRANTED],
    ]),
    ...factsOf(
      'b',
      [
        ['2026-11-01', 'billing.offerGranted', GRANTED],
        ['2026-11-02', 'billing.offerRevoked'],
      ],
      10,
    ),
    ...factsOf(
      'c',
      [
        ['2026-11-01', 'billing.offerGranted', GRANTED],
        ['2026-11-02', 'resource.deleted'],
      ],
      20,
    ),
    ...factsOf(
      'd',
      [
        ['2026-11-01', 'billing.offerGranted', GRANTED],
        ['2026-11-02', 'machine.reset'],
      ],
      30,
    ),
  ];
  const ids = ['A', 'b', 'c', 'd', 'new'].map((name) => deviceId(name));
  assert.deepEqual(offersOf(facts, ids), [
    { resourceId: ids[0], arc: 'previewNoCharge', since: at('2026-11-01') },
    { resourceId: ids[1], arc: 'standard', since: at('2026-11-02') },
    { resourceId: ids[2], arc: 'standard' },
    { resourceId: ids[3], arc: 'previewNoCharge', since: at('2026-11-01') },
    { resourceId: ids[4], arc: 'standard' },
  ]);
});

test('exactly the documented fields turn the offer on', () => {
  const granted = assessSupportRequest(CLAIM);
  assert.ok('granted' in granted);
  assert.equal(granted.granted, true);
  assert.equal(granted.status, 'Closed');
  assert.equal(granted.resource, deviceId('a'));
  const spelled = { ...CLAIM, service: ' azure stack edge ', resource: ` ${CLAIM.resource} ` };
  assert.deepEqual(assessSupportRequest(spelled), granted);
});

test('any other request stays open, and its answer says what is missing', () => {
  for (const [field, value, wanted] of [
    ['issueType', 'Technical', "issueType 'Billing'"],
    ['service', 'Azure Stack Hub', "service 'Azure Stack Edge'"],
    ['problemType', 'Unexpected Charge', "problemType 'Unexpected Charges'"],
    ['problemSubtype', 'Other', "problemSubtype 'Help me understand charges on my free trial'"],
    ['resource', `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg`, 'resource with the ARM id'],
    ['resource', `${deviceId('a')}/shares/s`, 'resource with the ARM id'],
  ] as const) {
    const open = assessSupportRequest({ ...CLAIM, [field]: value });
    assert.ok('granted' in open, field);
    assert.equal(open.granted, false);
    assert.equal(open.status, 'Open');
    const [, named] = open.answer.split('one that does has ');
    assert.ok(named?.startsWith(wanted) && !named.includes(', '), open.answer);
  }
});

test('missing, empty and non-string fields are all named at once', () => {
  const { subscription, problemSubtype } = CLAIM;
  const refused = assessSupportRequest({
    subscription,
    problemSubtype,
    service: 7,
    problemType: '  ',
    resource: null,
  });
  assert.ok('faults' in refused);
  assert.deepEqual(
    refused.faults.map(({ target }) => target),
    ['issueType', 'service', 'resource', 'summary', 'problemType'],
  );
  const nothing = assessSupportRequest({});
  assert.ok('faults' in nothing);
  assert.equal(nothing.faults.length, 7);
  for (const body of [undefined, null, 'text', []])
    assert.ok('faults' in assessSupportRequest(body));
});

test('the resource must be an ARM id of the named subscription', () => {
  const text = assessSupportRequest({ ...CLAIM, resource: 'my device' });
  assert.ok('faults' in text);
  assert.deepEqual(
    text.faults.map(({ target }) => target),
    ['resource'],
  );
  const foreign = assessSupportRequest({ ...CLAIM, subscription: 'another' });
  assert.ok('faults' in foreign);
  assert.deepEqual(
    foreign.faults.map(({ target }) => target),
    ['subscription'],
  );
  const shouted = assessSupportRequest({ ...CLAIM, subscription: SUBSCRIPTION.toUpperCase() });
  assert.ok('granted' in shouted && shouted.granted);
});
