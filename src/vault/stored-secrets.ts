/**
 * Secrets inside the bodies of a device and the resources below it. Each is sealed to its device's incarnation and to its
 * place below the device: it opens there only, and still does after the device has moved to another resource group.
 * Earlier versions sealed to the ARM key, which a move changes; their secrets are sealed anew at the first start.
 */
import { resourceIdOf, rootKeyOf } from '#shared/arm-id.ts';
import { isJsonObject, type Json, type JsonObject } from '#shared/json.ts';
import type { Database, Writer } from '#store/database.ts';
import { findResource, type ResourceRow } from '#store/resources.ts';
import { eachSealedBody, replaceSealedBody, type SealedBody } from '#store/sealed-bodies.ts';
import { findWorldValue, setWorldValue } from '#store/world.ts';
import type { Vault } from './vault.ts';

/** The form of a secret in a stored body. */
export interface StoredSecret {
  readonly sealed: string;
}

type Device = Pick<ResourceRow, 'key' | 'incarnation'>;

/**
 * What the vault seals a secret to. `resourceKey` is the key of the device or of a resource below it, `path` the place in
 * its body: `properties.encryptedPassword`.
 */
export function bindingOf(device: Device, resourceKey: string, path: string): string {
  return `resource ${device.incarnation}${resourceKey.slice(device.key.length)}/${path}`;
}

/** What earlier versions sealed it to. */
const formerBindingOf = (resourceKey: string, path: string): string => `${resourceKey}/${path}`;

/** Name and value in the table of the world, once no secret is sealed to a key any more. */
const BINDING = 'secret-binding';
const BY_INCARNATION = 'incarnation';

/** Seals anew what is sealed to keys, once in the life of a database. Called before any request or step is served. */
export async function bindSecretsToIncarnations(database: Database, vault: Vault): Promise<void> {
  await database.write(async (writer) => {
    if ((await findWorldValue(writer, BINDING)) === BY_INCARNATION) return;
    for await (const stored of eachSealedBody(writer)) await rebind(writer, vault, stored);
    await setWorldValue(writer, BINDING, BY_INCARNATION);
  });
}

async function rebind(writer: Writer, vault: Vault, stored: SealedBody): Promise<void> {
  const { resourceKey } = stored;
  const device = await findResource(writer, rootKeyOf(resourceIdOf(resourceKey)));
  if (device === undefined) return;
  const body = withSecrets(stored.body, '', ({ sealed }, path) => ({
    sealed:
      vault.rebind(sealed, {
        from: formerBindingOf(resourceKey, path),
        to: bindingOf(device, resourceKey, path),
      }) ?? sealed,
  }));
  await replaceSealedBody(writer, stored, body);
}

/** A copy of `value` with `change` made to every secret in it; `path` leads to `value`. */
function withSecrets(
  value: JsonObject,
  path: string,
  change: (secret: StoredSecret, path: string) => StoredSecret,
): JsonObject {
  const changed = ([name, member]: [string, Json]): [string, Json] => {
    if (!isJsonObject(member)) return [name, member];
    const memberPath = path === '' ? name : `${path}.${name}`;
    const { sealed } = member;
    return typeof sealed === 'string'
      ? [name, { ...change({ sealed }, memberPath) }]
      : [name, withSecrets(member, memberPath, change)];
  };
  return Object.fromEntries(Object.entries(value).map(changed));
}
