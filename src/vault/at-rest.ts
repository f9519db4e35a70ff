/**
 * Secrets at rest: sealed with AES-256-GCM under the master key before they go into a row, opened when they are used.
 * Called by whoever stores a secret, and by app.ts for the key. Must never write a key anywhere but into `vault.key`.
 * All of it [ours]: how the real service stores secrets is not visible.
 */
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesOfBase64, type Opened } from './opened.ts';

/** 32 bytes for AES-256. A KeyObject, because that shows nothing when it is logged or put into JSON. */
export type MasterKey = KeyObject;

const KEY_FILE = 'vault.key';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Names the layout: base64(nonce | tag | ciphertext). A later layout gets another name, so that both can be read. */
const LAYOUT = 'gcm1:';

/**
 * Seals `plain`. `about` is not stored but must be the same at opening: say where the value belongs (incarnation and
 * member), and a sealed value that is copied to another row does not open there.
 */
export function sealAtRest(plain: string, key: MasterKey, about: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(about, 'utf8'));
  const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return LAYOUT + Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
}

/** Opens what `sealAtRest` sealed with the same key and `about`; anything else, changed by one bit or more, is a fault. */
export function openAtRest(sealed: string, key: MasterKey, about: string): Opened {
  const bytes = sealed.startsWith(LAYOUT) ? bytesOfBase64(sealed.slice(LAYOUT.length)) : undefined;
  if (bytes === undefined || bytes.length < NONCE_BYTES + TAG_BYTES) {
    return { fault: 'The stored secret is not in a form that this version reads.' };
  }
  const tagEnd = NONCE_BYTES + TAG_BYTES;
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(about, 'utf8'));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, tagEnd));
  try {
    const plain = Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()]);
    return { plain: plain.toString('utf8') };
  } catch {
    return { fault: 'The stored secret was changed, or sealed with another master key.' };
  }
}

/**
 * The master key: `vault.key` in `dataFolder`, made at the first start (base64 text, mode 0600) and never again.
 * Undefined gives a key that dies with the process, for a database that does. Any number of processes may start at once:
 * all end with the same key. Rejects when the file is there and is no key, for a new one would lose every secret.
 */
export async function loadMasterKey(dataFolder: string | undefined): Promise<MasterKey> {
  if (dataFolder === undefined) return createSecretKey(randomBytes(KEY_BYTES));
  const path = join(dataFolder, KEY_FILE);
  const found = await readMasterKey(path);
  if (found !== undefined) return found;
  await mkdir(dataFolder, { recursive: true });
  await writeOnce(path, `${randomBytes(KEY_BYTES).toString('base64')}\n`);
  const made = await readMasterKey(path);
  if (made === undefined) throw new Error(`The master key ${path} vanished while it was made.`);
  return made;
}

async function readMasterKey(path: string): Promise<MasterKey | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const bytes = bytesOfBase64(text);
  if (bytes?.length !== KEY_BYTES) {
    throw new Error(
      `${path} is not a master key: expected the base64 of ${KEY_BYTES} bytes. Restore it from a backup.`,
    );
  }
  return createSecretKey(bytes);
}

/**
 * Gives `path` its content whole or not at all, and only if nobody did before: written beside it, then linked, since
 * a link, unlike a rename, never replaces. The content is on the disk before the name is.
 */
async function writeOnce(path: string, content: string): Promise<void> {
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await writeThrough(draft, content);
    await link(draft, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function writeThrough(path: string, content: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
