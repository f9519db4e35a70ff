/**
 * A small client of a cluster's Kubernetes API: HTTPS with the certificate of a kubeconfig. Used by the chapter about the cluster's
 * inside, so that the tour needs no kubectl.
 */
import { Agent, request as ask } from 'node:https';
import { text } from 'node:stream/consumers';
import { isJsonObject, type JsonObject } from '#shared/json.ts';
import type { Method, Reply } from './arm-client.ts';

/** The value of a key of a kubeconfig; it is written by the service, one key a line. */
function valueIn(kubeconfig: string, key: string): string {
  const value = new RegExp(`^\\s*${key}: *(\\S+)$`, 'm').exec(kubeconfig)?.[1];
  if (value === undefined) throw new Error(`The kubeconfig has no '${key}'.`);
  return value;
}

const decoded = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');

export class KubeClient {
  readonly server: string;
  readonly #agent: Agent;

  /** Knows the cluster and the caller of a kubeconfig. */
  constructor(kubeconfig: string) {
    this.server = valueIn(kubeconfig, 'server');
    this.#agent = new Agent({
      keepAlive: true,
      ca: decoded(valueIn(kubeconfig, 'certificate-authority-data')),
      cert: decoded(valueIn(kubeconfig, 'client-certificate-data')),
      key: decoded(valueIn(kubeconfig, 'client-key-data')),
    });
  }

  /** Makes a call; a PATCH is a merge patch. */
  async call(method: Method, path: string, body?: JsonObject): Promise<Reply> {
    const url = this.server + path;
    const said = body === undefined ? undefined : JSON.stringify(body);
    return await new Promise((resolve, reject) => {
      const sent = ask(
        url,
        {
          method,
          agent: this.#agent,
          headers: {
            'user-agent': 'edgetwin-tour',
            ...(said === undefined
              ? {}
              : {
                  'content-type':
                    method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
                  'content-length': Buffer.byteLength(said),
                }),
          },
        },
        (response) => {
          text(response).then((answer) => {
            const parsed: unknown = answer === '' ? {} : JSON.parse(answer);
            resolve({
              method,
              url,
              status: response.statusCode ?? 0,
              headers: new Headers(),
              body: isJsonObject(parsed) ? parsed : {},
            });
          }, reject);
        },
      );
      sent.on('error', reject);
      sent.end(said);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
