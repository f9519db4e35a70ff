/**
 * The cluster witness of a device with two nodes, as its local web interface sets it: a storage account in Azure, or an SMB share in the
 * local network. The articles describe the page and name no route for it, so this one and its members are `[ours]`.
 * Sources: wit, mclus (appliance.md §11).
 */
import type { LocalConfig, LocalView, Witness } from '#fleet/fleet.ts';
import type { Fault } from '#shared/failure.ts';
import { type JsonObject, textIn } from '#shared/json.ts';
import { invalidPackage } from './read-package.ts';
import { lowered } from './sessions.ts';

/** `//server/share`, with slashes of either kind (mclus). */
const SHARE = /^[\\/]{2}([^\\/\s]+)[\\/][^\\/\s]+$/;

/** The names of storage accounts and of containers (limits). */
const ACCOUNT = /^[a-z0-9]{3,24}$/;
const CONTAINER = /^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;

/** The witness as it is read. Keys and passwords are never shown. */
export const witnessView = (witness: Witness): JsonObject => ({ ...witness });

/** Reads `{Type, …}`. What opens the account or the share must be given, and is forgotten. */
export function readWitness(body: unknown, view: LocalView): LocalConfig {
  const given = lowered(body);
  const faults: Fault[] = [];
  const need = (target: string, isGood: boolean, message: string): void => {
    if (!isGood) faults.push({ target, message });
  };
  const witness = witnessIn(given, view, need);
  if (faults.length > 0) throw invalidPackage(faults);
  return { witness };
}

type NeedFn = (target: string, isGood: boolean, message: string) => void;

function witnessIn(given: JsonObject, view: LocalView, need: NeedFn): Witness {
  switch (textIn(given, 'type').toLowerCase()) {
    case 'none':
      return { type: 'None' };
    case 'cloud':
      return cloudIn(given, need);
    case 'fileshare':
      return shareIn(given, view, need);
    default:
      need('Type', false, "'Type' must be None, Cloud or FileShare.");
      return { type: 'None' };
  }
}

function cloudIn(given: JsonObject, need: NeedFn): Witness {
  const storageAccountName = textIn(given, 'storageaccountname');
  const containerName = textIn(given, 'containername');
  const storageEndpoint = textIn(given, 'storageendpoint') || 'core.windows.net';
  need(
    'StorageAccountName',
    ACCOUNT.test(storageAccountName),
    'A storage account has 3 to 24 lower-case letters and digits.',
  );
  need(
    'ContainerName',
    CONTAINER.test(containerName),
    'A container has 3 to 63 lower-case letters, digits and single hyphens.',
  );
  const secrets = [textIn(given, 'accesskey'), textIn(given, 'sastoken')];
  need(
    'AccessKey',
    secrets.filter((secret) => secret !== '').length === 1,
    'A cloud witness needs either an access key or a SAS token.',
  );
  return { type: 'Cloud', storageAccountName, containerName, storageEndpoint };
}

function shareIn(given: JsonObject, { nodes }: LocalView, need: NeedFn): Witness {
  const location = textIn(given, 'location');
  const username = textIn(given, 'username');
  const server = SHARE.exec(location)?.[1]?.toLowerCase();
  need('Location', server !== undefined, 'The path of the share must be //server/share.');
  const isOwn = nodes.some(({ name }) => name.toLowerCase() === server?.split('.')[0]);
  need('Location', !isOwn, 'The share of a witness must not be on a node of the device.');
  need('Username', username !== '', 'The share needs the name of a user.');
  need('Password', textIn(given, 'password') !== '', 'The share needs the password of the user.');
  return { type: 'FileShare', location: location.replaceAll('\\', '/'), username };
}
