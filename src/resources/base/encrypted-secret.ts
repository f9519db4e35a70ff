/**
 * Secrets in bodies (`AsymmetricEncryptedSecret`, and texts that are secret though the contract takes them plain): how
 * they are declared, and how they are taken in. Opened by the vault on arrival and at once sealed in the place where they
 * stood; no view shows that place.
 * Sources: databoxedge-contract §4 [S], appliance.md §2.2 (sdk).
 */
import { Type } from 'typebox';
import { type Mark, named, object, oneOf, secretIn } from '#arm/schema.ts';
import { mayBe, mayText } from '#arm/shapes.ts';
import type { Fault } from '#shared/failure.ts';
import { isJsonObject, type Json, type JsonObject, objectIn } from '#shared/json.ts';
import type { AsymmetricEncryptedSecret } from '#vault/secrets.ts';
import { bindingOf, type StoredSecret } from '#vault/stored-secrets.ts';
import { deviceOf } from './machine.ts';
import type { Target } from './define.ts';

const shape = object(
  {
    // The contract marks now the one and now the other; neither is ever shown.
    value: Type.String(secretIn('2020-09-01..2020-12-01')),
    encryptionCertThumbprint: mayText(secretIn('2021-02-01..')),
    encryptionAlgorithm: oneOf(
      ['None', 'AES256', 'RSAES_PKCS1_v_1_5'],
      named('EncryptionAlgorithm'),
    ),
  },
  named('AsymmetricEncryptedSecret'),
);

/** A secret that a body must have. */
export const requiredSecret = shape;

/** An optional secret of a body. */
export const encryptedSecret = (...marks: Mark[]) => mayBe(shape, ...marks);

/** Where a secret stands: names from `properties` down. */
export type SecretPlace = readonly [string, ...string[]];

type Received = { readonly body: JsonObject } | { readonly faults: readonly Fault[] };

/**
 * The body with every secret at `places` opened and sealed, or what is wrong with each. One that was not sent is kept as
 * it was: a PUT never takes a secret away [rpc], and the body of a GET can be put back.
 */
export async function withSealedSecrets(
  target: Target,
  body: JsonObject,
  places: readonly SecretPlace[],
): Promise<Received> {
  if (body.properties === undefined) return { body };
  const old = objectIn(target.resource?.body ?? {}, 'properties');
  const faults: Fault[] = [];
  let properties = objectIn(body, 'properties');
  for (const place of places) {
    const given = valueAt(properties, place);
    if (given === undefined) {
      const kept = valueAt(old, place);
      if (kept !== undefined) properties = withValueAt(properties, place, kept);
      continue;
    }
    const path = ['properties', ...place].join('.');
    const opened = await openSecret(target, given);
    if ('fault' in opened) faults.push({ target: path, message: opened.fault });
    else {
      const binding = bindingOf(deviceOf(target), target.key, path);
      const sealed = target.ports.vault.seal(opened.plain, binding);
      properties = withValueAt(properties, place, { sealed } satisfies StoredSecret);
    }
  }
  return faults.length > 0 ? { faults } : { body: { ...body, properties } };
}

/** Whether a stored or sent body has a secret there. */
export const hasSecretAt = (body: JsonObject | undefined, place: SecretPlace): boolean =>
  valueAt(objectIn(body ?? {}, 'properties'), place) !== undefined;

/** `properties` without the secrets at `places`. */
export function withoutSecrets(properties: JsonObject, places: readonly SecretPlace[]): JsonObject {
  return places.reduce((all, place) => withValueAt(all, place, undefined), properties);
}

/** The plain text of a secret that a checked body has, or what is wrong with it. */
export async function openSecret(
  target: Target,
  given: Json,
): Promise<{ readonly plain: string } | { readonly fault: string }> {
  if (typeof given === 'string') return { plain: given };
  const secret = given as unknown as AsymmetricEncryptedSecret;
  return await target.ports.vault.open(deviceOf(target).incarnation, secret);
}

function valueAt(properties: JsonObject, place: readonly string[]): Json | undefined {
  let value: Json | undefined = properties;
  for (const name of place) value = isJsonObject(value) ? value[name] : undefined;
  return value;
}

/** A copy of `properties` with `value` there; undefined takes it away, and makes nothing on the way to it. */
function withValueAt(
  properties: JsonObject,
  [name, ...below]: SecretPlace,
  value: Json | undefined,
): JsonObject {
  const [next, ...rest] = below;
  if (next === undefined) {
    const { [name]: _before, ...others } = properties;
    return value === undefined ? others : { ...others, [name]: value };
  }
  if (value === undefined && !isJsonObject(properties[name])) return properties;
  return { ...properties, [name]: withValueAt(objectIn(properties, name), [next, ...rest], value) };
}
