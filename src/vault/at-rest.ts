/**
 * Secrets at rest: sealed with AES-256-GCM under the master key before they are stored, opened when they are used. The key
 * is written to `vault.key` and nowhere else. All of it [ours]: how the real service stores secrets is not visible.
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

/** 32 bytes for AES-256. A KeyObject shows nothing of itself in logs and in JSON. */
export type MasterKey = KeyObject;

/** The file of the master key in the data folder. */
export const MASTER_KEY_FILE = 'vault.key';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Prefix that names the layout: base64(nonce | tag | ciphertext). Another layout gets another prefix. */
const LAYOUT = 'gcm1:';

/**
 * Seals `plain`. `binding` is authenticated but not stored, and must be the same at opening: it names the place to which
 * the value belongs, so that a sealed value that is copied to another row does not open there.
 */
export function sealAtRest(plain: string, key: MasterKey, binding: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(binding, 'utf8'));
  const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return LAYOUT + Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
}

/** Opens what `sealAtRest` sealed with the same key and binding; for everything else it gives a fault. */
export function openAtRest(sealed: string, key: MasterKey, binding: string): Opened {
  const bytes = sealed.startsWith(LAYOUT) ? bytesOfBase64(sealed.slice(LAYOUT.length)) : undefined;
  if (bytes === undefined || bytes.length < NONCE_BYTES + TAG_BYTES) {
    return { fault: 'The stored secret is not in a form that this version reads.' };
  }
  const tagEnd = NONCE_BYTES + TAG_BYTES;
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(binding, 'utf8'));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, tagEnd));
  try {
    const plain = Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()]);
    return { plain: plain.toString('utf8') };
  } catch {
    return { fault: 'The stored secret was changed, or sealed with another master key.' };
  }
}

/** A `vault.key` that is not the one of the database beside it; `message` is one line for the person at the terminal. */
export class UnusableKeyError extends Error {
  override readonly name = 'UnusableKeyError';
}

/**
 * The master key: `vault.key` in `dataFolder`, created at the first start (base64 text, mode 0600). Processes that start at
 * the same time get the same key. Rejects where the file is not a key, and where it is missing while something `isSealed` in the
 * database already, since with a new one every secret would be lost. Without a folder the key is held in memory only, like the database.
 */
export async function loadMasterKey(
  dataFolder: string | undefined,
  isSealed = false,
): Promise<MasterKey> {
  if (dataFolder === undefined) return createSecretKey(randomBytes(KEY_BYTES));
  const path = join(dataFolder, MASTER_KEY_FILE);
  const found = await readMasterKey(path);
  if (found !== undefined) return found;
  if (isSealed) {
    throw new UnusableKeyError(
      `${path} is missing, and the database has secrets that are sealed with it: restore the file from a backup, ` +
        'or move the database away to begin with a new world.',
    );
  }
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  await writeOnce(path, `${randomBytes(KEY_BYTES).toString('base64')}\n`);
  const made = await readMasterKey(path);
  if (made === undefined) throw new Error(`The master key ${path} vanished while it was made.`);
  return made;
}

/**
 * Copies the master key of one data folder into another: `there` once it is, `missing` where the first has none, `another` where the
 * second has one already that is not the same; that one stays.
 */
export async function copyMasterKey(
  from: string,
  to: string,
): Promise<'there' | 'missing' | 'another'> {
  const key = await readMasterKey(join(from, MASTER_KEY_FILE));
  if (key === undefined) return 'missing';
  await writeOnce(join(to, MASTER_KEY_FILE), `${key.export().toString('base64')}\n`);
  const present = await readMasterKey(join(to, MASTER_KEY_FILE));
  return present?.equals(key) === true ? 'there' : 'another';
}

/** The master key of the configuration, base64 of 32 bytes; undefined where the text is none. */
export function masterKeyOf(text: string): MasterKey | undefined {
  const bytes = bytesOfBase64(text);
  return bytes?.length === KEY_BYTES ? createSecretKey(bytes) : undefined;
}

async function readMasterKey(path: string): Promise<MasterKey | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const key = masterKeyOf(text);
  if (key === undefined) {
    throw new UnusableKeyError(
      `${path} is not a master key: expected the base64 of ${KEY_BYTES} bytes. Restore it from a backup.`,
    );
  }
  return key;
}

/**
 * Creates `path` with its whole content, unless it exists: the content is written to a temporary file, synced, and linked,
 * since a link, unlike a rename, does not replace a file.
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
