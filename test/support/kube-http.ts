/** Plain requests to a cluster's door, as the user of a kubeconfig: for what no client sends. */
import { Agent, request as ask } from 'node:https';
import { text } from 'node:stream/consumers';
import { parse } from 'yaml';

export interface KubeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
  /** The body as JSON. */
  json(): unknown;
}

export interface KubeRequest {
  readonly body?: string | Buffer;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type KubeSend = (method: string, path: string, request?: KubeRequest) => Promise<KubeAnswer>;

interface Access {
  readonly server: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Where a kubeconfig leads, and with what. */
export function accessOf(kubeconfig: string): Access {
  const config = parse(kubeconfig) as {
    clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
    users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }];
  };
  const plain = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');
  const [{ cluster }] = config.clusters;
  const [{ user }] = config.users;
  return {
    server: cluster.server,
    ca: plain(cluster['certificate-authority-data']),
    cert: plain(user['client-certificate-data']),
    key: plain(user['client-key-data']),
  };
}

/** Sends requests with that access; without its certificate where `isAnonymous`. */
export function kubeSender(access: Access, isAnonymous = false): KubeSend {
  const { server, ca, cert, key } = access;
  const agent = new Agent({ keepAlive: false });
  return async (method, path, { body, type = 'application/json', headers = {} } = {}) =>
    await new Promise((resolve, reject) => {
      const sent = ask(
        `${server}${path}`,
        {
          method,
          agent,
          ca,
          ...(isAnonymous ? {} : { cert, key }),
          headers: {
            'user-agent': 'probe/1',
            ...(body === undefined
              ? {}
              : { 'content-type': type, 'content-length': Buffer.byteLength(body) }),
            ...headers,
          },
        },
        (response) => {
          text(response).then((said) => {
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: said,
              json: () => JSON.parse(said) as unknown,
            });
          }, reject);
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
}
