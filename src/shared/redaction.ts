/**
 * Redaction: JSON that is shown again, with everything secret taken out: a template on export. Logs get an outline instead.
 * It goes by names, not by schema, so it also holds for bodies that were refused. Must never change what it is given.
 * Names: databoxedge-contract §4 (`x-ms-secret`, and those the contract forgot), appliance.md §2.1, sign-in and Kubernetes.
 */
import { isJsonObject, type Json, type JsonObject } from './json.ts';

/** What stands in a log where a secret was. */
const REDACTED = '[redacted]';

/** In lower case without `-` and `_`, so one entry covers clientSecret, client_secret and Client-Secret. */
const SENSITIVE = new Set([
  // AsymmetricEncryptedSecret, by the members that hold one
  ...['encryptedpassword', 'accountkey', 'deviceadminpassword', 'connectionstring', 'symmetrickey'],
  ...['encryptedsecret', 'devicesecrets', 'password'],
  // plain in the contract
  ...['authcode', 'resourcekey', 'certificate', 'privatekey', 'privatekeypem', 'managementcert'],
  // activation
  ...['activationkey', 'channelintegritykey', 'servicedataintegritykey', 'cik', 'masterkey'],
  // storage and messaging
  ...['sharedaccesskey', 'sharedaccesssignature', 'sastoken', 'primarykey', 'secondarykey'],
  // sign-in: bodies and headers
  ...[
    'clientsecret',
    'clientassertion',
    'devicecode',
    'secret',
    'secrettext',
    'assertion',
    'codeverifier',
  ],
  ...['token', 'accesstoken', 'refreshtoken', 'idtoken', 'authorization', 'proxyauthorization'],
  ...['xmsauthorizationauxiliary', 'cookie', 'setcookie'],
  // kubeconfig
  ...['kubeconfig', 'clientkeydata', 'clientkey', 'pfx', 'pkcs12'],
]);

/** Inside a secret these say only how it was encrypted, which is what one looks for in a log. */
const HARMLESS = new Set(['encryptionalgorithm', 'encryptioncertthumbprint']);

/** Deeper than any real body; what lies below is dropped, so that a hostile one cannot overflow the stack. */
const DEEPEST = 64;

/**
 * A deep copy of `json` in which every sensitive value is `[redacted]`. Null stays (it says that nothing was sent), and
 * so does the shape of an object under a sensitive name: of `encryptedPassword` the algorithm and thumbprint remain.
 */
export function redact(json: Json): Json {
  return copy(json, false, 0);
}

function copy(json: Json, isSecret: boolean, depth: number): Json {
  if (depth > DEEPEST) return REDACTED;
  if (isJsonObject(json)) return copyObject(json, isSecret, depth);
  if (isSecret) return json === null ? null : REDACTED;
  return Array.isArray(json) ? json.map((item) => copy(item, false, depth + 1)) : json;
}

function copyObject(json: JsonObject, isSecret: boolean, depth: number): JsonObject {
  // fromEntries defines members; assigning would let one called __proto__ replace the prototype.
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => {
      const known = name.toLowerCase().replace(/[-_]/g, '');
      const hidden =
        (isSecret && !HARMLESS.has(known)) || SENSITIVE.has(known) || isSecretByShape(json, known);
      return [name, copy(value, hidden, depth + 1)];
    }),
  );
}

/** Members that are secret only beside others: `value` of an encrypted secret, the data of a Kubernetes Secret. */
function isSecretByShape(owner: JsonObject, known: string): boolean {
  if (known === 'value') {
    return Object.keys(owner).some((name) => HARMLESS.has(name.toLowerCase()));
  }
  return (known === 'data' || known === 'stringdata') && owner['kind'] === 'Secret';
}
