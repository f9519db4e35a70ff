/**
 * Secrets in bodies (`AsymmetricEncryptedSecret`, and strings that are secret though the contract takes them plain): how
 * they are declared, and how they are taken in. The vault opens a secret on arrival, and it is sealed at once in its place in
 * the body; no view shows that place.
 * Sources: databoxedge-contract §4 [S], appliance.md §2.2 (sdk).
 */
import { Type } from 'typebox';
import type { Received } from '#arm/resource-type.ts';
import { type Mark, named, object, oneOf, secretIn } from '#arm/schema.ts';
import { optional, optionalString, writeOnly } from '#arm/shapes.ts';
import type { Fault } from '#shared/failure.ts';
import { isJsonObject, type Json, type JsonObject, objectIn } from '#shared/json.ts';
import type { AsymmetricEncryptedSecret } from '#vault/secrets.ts';
import { bindingOf, type StoredSecret } from '#vault/stored-secrets.ts';
import type { Target } from './define.ts';
import { deviceOf } from './machine.ts';

declare const secret: unique symbol;

/** A secret in a body: as a client sends it, or sealed as it is stored. Only this file looks into it. */
export type Secret = { readonly [secret]: true };

const shape = object(
  {
    // The contract marks now the one and now the other; neither is ever shown.
    value: Type.String(secretIn('2020-09-01..2020-12-01')),
    encryptionCertThumbprint: optionalString(secretIn('2021-02-01..')),
    encryptionAlgorithm: oneOf(
      ['None', 'AES256', 'RSAES_PKCS1_v_1_5'],
      named('EncryptionAlgorithm'),
    ),
  },
  named('AsymmetricEncryptedSecret'),
);

/** A secret that a body must have. */
export const requiredSecret = writeOnly(Type.Unsafe<Secret>(shape));

/** An optional secret of a body. */
export const encryptedSecret = (...marks: Mark[]) => optional(requiredSecret, ...marks);

/** An optional secret that the contract takes as a plain string. */
export const plainSecret = () => optional(writeOnly(Type.Unsafe<Secret>(Type.String())));

/** Where a secret is: names from `properties` down. */
type Place = readonly [string, ...string[]];

/** The places of the secrets in properties of type `P`. */
export type SecretPlace<P> = P extends object
  ? { [K in keyof P & string]: PlaceAt<K, NonNullable<P[K]>> }[keyof P & string]
  : never;

type PlaceAt<K extends string, Member> = Member extends Secret
  ? readonly [K]
  : Member extends readonly unknown[]
    ? never
    : readonly [K, ...SecretPlace<Member>];

/** `P` without its secrets, at any depth. */
export type WithoutSecrets<P> = P extends readonly unknown[]
  ? P
  : P extends object
    ? { [K in keyof P as NonNullable<P[K]> extends Secret ? never : K]: WithoutSecrets<P[K]> }
    : P;

/** The properties of a body of type `B`. */
type PropertiesOf<B> = B extends { readonly properties?: infer P } ? NonNullable<P> : never;

/**
 * The body with every secret at `places` opened and sealed, or what is wrong with each. One that was not sent is kept as
 * it was: a PUT never takes a secret away [rpc], and the body of a GET can be put back.
 */
export async function withSealedSecrets<B extends { readonly properties?: object }>(
  target: Target<B>,
  body: B,
  places: readonly SecretPlace<PropertiesOf<B>>[],
): Promise<Received<B>> {
  if (body.properties === undefined) return { body };
  const old = (target.resource?.body.properties ?? {}) as JsonObject;
  const faults: Fault[] = [];
  let properties = body.properties as JsonObject;
  for (const place of places as readonly Place[]) {
    const given = valueAt(properties, place);
    if (given === undefined) {
      const kept = valueAt(old, place);
      if (kept !== undefined) properties = withValueAt(properties, place, kept);
      continue;
    }
    const path = ['properties', ...place].join('.');
    const opened = await open(target, given);
    if ('fault' in opened) faults.push({ target: path, message: opened.fault });
    else {
      const binding = bindingOf(deviceOf(target), target.key, path);
      const sealed = target.ports.vault.seal(opened.plain, binding);
      properties = withValueAt(properties, place, { sealed } satisfies StoredSecret);
    }
  }
  return faults.length > 0 ? { faults } : { body: { ...body, properties } };
}

/** `properties` without the secrets at `places`, which are all of them. */
export const withoutSecrets = <P extends object>(
  properties: P,
  places: readonly SecretPlace<P>[],
): WithoutSecrets<P> =>
  (places as readonly Place[]).reduce(
    (all, place) => withValueAt(all, place, undefined),
    properties as JsonObject,
  ) as WithoutSecrets<P>;

/** The plain text of a secret that a client has sent, or what is wrong with it. */
export const openSecret = async (target: Target, sent: Secret): Promise<Opened> =>
  await open(target, sent);

type Opened = { readonly plain: string } | { readonly fault: string };

async function open(target: Target, sent: Json): Promise<Opened> {
  if (typeof sent === 'string') return { plain: sent };
  const encrypted = sent as unknown as AsymmetricEncryptedSecret;
  return await target.ports.vault.open(deviceOf(target).incarnation, encrypted);
}

function valueAt(properties: JsonObject, place: readonly string[]): Json | undefined {
  let value: Json | undefined = properties;
  for (const name of place) value = isJsonObject(value) ? value[name] : undefined;
  return value;
}

/** A copy of `properties` with `value` there; undefined takes it away, and makes nothing on the way to it. */
function withValueAt(
  properties: JsonObject,
  [name, ...below]: Place,
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
