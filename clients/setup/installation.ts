/** The service's address and the certificate that clients must trust, from its configuration. */
import { isAbsolute, join, resolve } from 'node:path';

/** The part of the configuration that is used here. */
export interface Installation {
  readonly host: string;
  readonly port: number;
  /** Folder of the database and keys, or `:memory:`. */
  readonly data: string;
  readonly isSignInRequired: boolean;
  readonly redisUrl: string | undefined;
}

/** `https://localhost:8480`: the name that clients on this machine use. */
export function addressOf({ host, port }: Installation, scheme: 'http' | 'https'): string {
  const isLocal = /^(127\..*|localhost|::1?|0\.0\.0\.0|\*)$/.test(host);
  const name = host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${isLocal ? 'localhost' : name}:${port}`;
}

/** The file of the certificate that clients must trust; undefined where the data are in memory. */
export function certificateFileOf({ data }: Installation): string | undefined {
  if (data === ':memory:') return undefined;
  return join(isAbsolute(data) ? data : resolve(data), 'ca.pem');
}
