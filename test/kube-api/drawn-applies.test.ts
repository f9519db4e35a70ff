/** Issue 10, bad input: drawn documents for server-side apply make no fault of ours, and what is refused changes nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SERVED } from '#kubernetes/kinds/index.ts';
import { messageOf } from '#kubernetes/schema/schema.ts';
import { fraction } from '#shared/random.ts';
import { accessOf, kubeSender } from '../support/kube-http.ts';
import { startCluster } from '../support/kubectl.ts';

const COUNT = 2000;
const AT_ONCE = 8;
const SCALARS: readonly unknown[] = [
  ...['x', '', '1', '500m', '80%', '2026-03-02T09:00:00Z', 'TCP', '\u0000', '__proto__'],
  ...[0, 1, -1, 1.5, 1e21, true, false, null],
];
const pick = <T>(list: readonly T[], at: number): T => list[Math.floor(at * list.length)] as T;

/** A value that is often one of the message's, and sometimes none. */
function drawn(message: string, draw: (word: string) => number, path = ''): unknown {
  if (path.length > 120 || draw(`${path} odd`) < 0.06) {
    return pick([[], {}, [1], [{}], ['x'], ...SCALARS], draw(`${path} which`));
  }
  const fields = [...messageOf(message).fields.values()];
  const object: Record<string, unknown> = {};
  const count = Math.floor(draw(`${path} count`) * 5);
  for (let index = 0; index < count; index++) {
    const field = pick(fields, draw(`${path} field ${index}`));
    const at = `${path}.${field.name}`;
    const one = (word: string): unknown =>
      field.type.code === '@' && !messageOf(field.type.message).isList
        ? drawn(field.type.message, draw, `${at}${word}`)
        : pick(SCALARS, draw(`${at}${word} scalar`));
    object[field.name] =
      field.type.shape === 'one'
        ? one('')
        : field.type.shape === 'list'
          ? [one('0'), one('1')].slice(0, 1 + Math.floor(draw(`${at} length`) * 2))
          : { a: one('a'), ['x/y']: one('b') };
  }
  return object;
}

test(`${COUNT} drawn documents`, { timeout: 300_000 }, async (t) => {
  const cluster = await startCluster(t);
  const send = kubeSender(accessOf(cluster.kubeconfig));
  let accepted = 0;
  const once = async (index: number): Promise<void> => {
    const draw = (word: string): number => fraction('drawn-apply', index, word);
    const kind = pick(SERVED, draw('kind'));
    const name = `n${Math.floor(draw('name') * 3)}`;
    const base = kind.group === '' ? '/api/v1' : `/apis/${kind.apiVersion}`;
    const home = kind.isNamespaced ? '/namespaces/default' : '';
    const body = {
      ...(drawn(kind.message, draw) as object),
      apiVersion: kind.apiVersion,
      kind: kind.kind,
      ...(draw('meta') < 0.8 ? { metadata: { name, labels: { l: String(index % 7) } } } : {}),
    };
    const path = `${base}${home}/${kind.resource}/${name}?fieldManager=m${index % 3}${draw('force') < 0.5 ? '&force=true' : ''}`;
    const answer = await send('PATCH', path, {
      body: JSON.stringify(body),
      type: 'application/apply-patch+yaml',
    });
    assert.ok(answer.status < 500, `${path} ${JSON.stringify(body)}: ${answer.body}`);
    if (answer.status < 300) accepted++;
    else assert.equal((answer.json() as { kind: string }).kind, 'Status');
  };
  for (let index = 0; index < COUNT; index += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, async (_, step) => once(index + step)));
  }
  assert.ok(accepted > COUNT / 20, `${accepted} were accepted`);
});
