/** The service that a person sets up around: where it is and what clients are to trust, from its configuration. */
import { isAbsolute, join, resolve } from 'node:path';

/** What of the configuration matters here. */
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
  const isHere = /^(127\..*|localhost|::1?|0\.0\.0\.0|\*)$/.test(host);
  const name = host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${isHere ? 'localhost' : name}:${port}`;
}

/** Where the service looks for the certificate to trust; undefined where its data are in memory. */
export function certificateFileOf({ data }: Installation): string | undefined {
  if (data === ':memory:') return undefined;
  return join(isAbsolute(data) ? data : resolve(data), 'ca.pem');
}
