/**
 * Sign-in at a device itself: the administrator's password, the cookie of a session, and the token that writes have to bring. A session
 * is sealed into its cookie, so that any process knows it and a restart ends none. Sources: [psm], [doc] (local-api).
 */
import { randomUUID, timingSafeEqual } from 'node:crypto';
import { RefusedError } from '#shared/failure.ts';
import { isJsonObject, type JsonObject, textIn } from '#shared/json.ts';
import { fewest, isGoodPassword } from './passwords.ts';
import type { LocalApiParts } from './parts.ts';

/** What a device asks for at the first sign-in; it has to be replaced then [mem]. */
const FIRST_PASSWORD = 'Password1';
const SECRET = 'local-password';
const COOKIE = 'edgetwin-local';

/** A session that has begun. */
export interface Session {
  /** The value of the Set-Cookie header. */
  readonly cookie: string;
  /** What writes bring in the header RequestVerificationToken. */
  readonly token: string;
}

const refused = (status: number, code: string, message: string): RefusedError =>
  new RefusedError(status, { code, message });

const isSame = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
};

export class Sessions {
  readonly #parts: LocalApiParts;

  constructor(parts: LocalApiParts) {
    this.#parts = parts;
  }

  /** Begins a session of `device` with `{Password}`, or `{Password, NewPassword, NewPassword2}`; names are matched without case. */
  async signIn(device: string, body: unknown, path: string): Promise<Session> {
    const given = lowered(body);
    const { vault } = this.#parts;
    const known = await vault.knownDeviceSecret(device, SECRET);
    if (!isSame(textIn(given, 'password'), known ?? FIRST_PASSWORD)) {
      throw refused(401, 'InvalidPassword', 'The password is wrong.');
    }
    const next = textIn(given, 'newpassword');
    if (next !== '' || known === undefined) await this.change(device, next, given);
    const id = randomUUID();
    const sealed = vault.seal(id, `local-session/${device}`);
    return {
      cookie: `${COOKIE}=${encodeURIComponent(sealed)}; Path=${path}; HttpOnly; SameSite=Strict`,
      token: vault.seal(id, `local-token/${device}`),
    };
  }

  /** Replaces the password; throws where it may not be that. */
  async change(device: string, next: string, given: JsonObject): Promise<void> {
    if (next === '') {
      throw refused(
        403,
        'PasswordChangeRequired',
        'The password has to be changed at the first sign-in.',
      );
    }
    const again = given.newpassword2;
    if (again !== undefined && again !== next) {
      throw refused(400, 'PasswordMismatch', 'The new passwords differ.');
    }
    if (!isGoodPassword(next)) throw refused(400, 'InvalidPassword', fewest);
    await this.#parts.vault.replaceDeviceSecret(device, SECRET, next);
  }

  /** Whether `password` is the present one. */
  async isPassword(device: string, password: string): Promise<boolean> {
    const known = await this.#parts.vault.knownDeviceSecret(device, SECRET);
    return isSame(password, known ?? FIRST_PASSWORD);
  }

  /** Refuses a call without a session of the device; one that writes, without its token as well. */
  admit(
    device: string,
    { cookie = '', token }: { readonly cookie?: string; readonly token: string | undefined },
    isWrite: boolean,
  ): void {
    const id = this.#opened(cookieIn(cookie), `local-session/${device}`);
    if (id === undefined) throw refused(401, 'Unauthorized', 'Sign in first: POST api/Login.');
    if (isWrite && this.#opened(token, `local-token/${device}`) !== id) {
      throw refused(
        403,
        'InvalidVerificationToken',
        'The header RequestVerificationToken must have the value that the sign-in answered with.',
      );
    }
  }

  #opened(sealed: string | undefined, binding: string): string | undefined {
    if (sealed === undefined || sealed === '') return undefined;
    try {
      return this.#parts.vault.unseal(sealed, binding);
    } catch {
      // Whatever was not sealed here is no session.
      return undefined;
    }
  }
}

function cookieIn(header: string): string | undefined {
  const pair = header
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${COOKIE}=`));
  try {
    return pair === undefined ? undefined : decodeURIComponent(pair.slice(COOKIE.length + 1));
  } catch {
    return undefined;
  }
}

/** A body with its names in lower case. */
export function lowered(body: unknown): JsonObject {
  if (!isJsonObject(body)) return {};
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
