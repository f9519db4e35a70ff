/** Kubeconfigs: what a client needs to reach a cluster as somebody. Source: appliance.md §8; client-go tools/clientcmd/api/v1. */
import type { CertificatePair } from '#vault/cluster-authority.ts';

export interface KubeconfigParts {
  /** `https://localhost:8480/clusters/…`. */
  readonly server: string;
  /** PEM of the authorities that the server's certificate may be from. */
  readonly authorities: string;
  readonly user: string;
  /** The user's certificate and key. */
  readonly pair: CertificatePair;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** The file's text. It contains the user's key. */
export function kubeconfigOf({ server, authorities, user, pair }: KubeconfigParts): string {
  return `apiVersion: v1
kind: Config
clusters:
- cluster:
    certificate-authority-data: ${base64(authorities)}
    server: ${server}
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: ${user}
  name: ${user}@kubernetes
current-context: ${user}@kubernetes
preferences: {}
users:
- name: ${user}
  user:
    client-certificate-data: ${base64(pair.certificate)}
    client-key-data: ${base64(pair.privateKey)}
`;
}
