/**
 * Redaction: replaces secrets in JSON that is shown to somebody, such as an exported template. Logs contain outlines
 * instead (outline.ts). Secrets are recognised by name and not by schema, so that redaction also works for bodies that were
 * refused.
 * Names: databoxedge-contract §4 (`x-ms-secret`, and those the contract forgot), appliance.md §2.1, sign-in and Kubernetes.
 */
import { isJsonObject, type Json, type JsonObject } from './json.ts';

/** What replaces a secret. */
const REDACTED = '[redacted]';

/** Names of secrets in lower case without `-` and `_`: one entry covers clientSecret, client_secret and Client-Secret. */
const SENSITIVE = new Set([
  // members that hold an AsymmetricEncryptedSecret
  ...['encryptedpassword', 'accountkey', 'deviceadminpassword', 'connectionstring', 'symmetrickey'],
  ...['encryptedsecret', 'devicesecrets', 'password'],
  // plain text in the contract
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

/** Members of an encrypted secret that only describe the encryption, which is useful in a log. */
const HARMLESS = new Set(['encryptionalgorithm', 'encryptioncertthumbprint']);

/**
 * The depth that is copied, more than any real body has. Deeper parts are replaced, so that a malicious body can't overflow
 * the stack.
 */
const MAX_DEPTH = 64;

/**
 * A deep copy of `json` with every sensitive value replaced by `[redacted]`. Null stays, since it shows that nothing was
 * sent. An object with a sensitive name keeps its structure: of `encryptedPassword`, algorithm and thumbprint remain.
 */
export function redact(json: Json): Json {
  return copy(json, false, 0);
}

function copy(json: Json, isSecret: boolean, depth: number): Json {
  if (depth > MAX_DEPTH) return REDACTED;
  if (isJsonObject(json)) return copyObject(json, isSecret, depth);
  if (isSecret) return json === null ? null : REDACTED;
  return Array.isArray(json) ? json.map((item) => copy(item, false, depth + 1)) : json;
}

function copyObject(json: JsonObject, isSecret: boolean, depth: number): JsonObject {
  // Object.fromEntries defines members; an assignment to a member called __proto__ would replace the prototype.
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => {
      const known = name.toLowerCase().replace(/[-_]/g, '');
      const hidden =
        (isSecret && !HARMLESS.has(known)) || SENSITIVE.has(known) || isSecretByShape(json, known);
      return [name, copy(value, hidden, depth + 1)];
    }),
  );
}

/** Whether a member is secret because of its siblings: the `value` of an encrypted secret, the data of a Kubernetes Secret. */
function isSecretByShape(owner: JsonObject, known: string): boolean {
  if (known === 'value') {
    return Object.keys(owner).some((name) => HARMLESS.has(name.toLowerCase()));
  }
  return (known === 'data' || known === 'stringdata') && owner['kind'] === 'Secret';
}
