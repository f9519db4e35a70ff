/**
 * Tokens of service accounts: JSON Web Tokens (ES256) that the cluster's own key signs. Their times are real time, as those of
 * certificates.
 * Source: kube-apiserver serviceaccount/claims.go.
 */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';

const ISSUER = 'https://kubernetes.default.svc.cluster.local';

export interface TokenSubject {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

interface Claims {
  readonly aud: readonly string[];
  readonly exp: number;
  readonly iat: number;
  readonly nbf: number;
  readonly iss: string;
  readonly sub: string;
  readonly 'kubernetes.io': {
    readonly namespace: string;
    readonly serviceaccount: { readonly name: string; readonly uid: string };
  };
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token for the account, valid from `now` for so many seconds. */
export function issueToken(
  tokenKey: string,
  { namespace, name, uid }: TokenSubject,
  {
    now,
    seconds,
    audiences,
  }: { readonly now: number; readonly seconds: number; readonly audiences: readonly string[] },
): string {
  const iat = Math.floor(now / 1000);
  const claims: Claims = {
    aud: audiences.length === 0 ? [ISSUER] : audiences,
    exp: iat + seconds,
    iat,
    iss: ISSUER,
    'kubernetes.io': { namespace, serviceaccount: { name, uid } },
    nbf: iat,
    sub: `system:serviceaccount:${namespace}:${name}`,
  };
  const content = `${encode({ alg: 'ES256', typ: 'JWT' })}.${encode(claims)}`;
  const key = createPrivateKey(tokenKey);
  const signature = sign('sha256', Buffer.from(content), { key, dsaEncoding: 'ieee-p1363' });
  return `${content}.${signature.toString('base64url')}`;
}

/** Whose token it is; undefined where it is none of this cluster, or expired at `now`. */
export function readToken(tokenKey: string, token: string, now: number): TokenSubject | undefined {
  const [head = '', body = '', signature = '', ...more] = token.split('.');
  if (signature === '' || more.length > 0) return undefined;
  try {
    const key = createPublicKey(
      createPrivateKey(tokenKey).export({ type: 'pkcs8', format: 'pem' }),
    );
    const isOurs = verify(
      'sha256',
      Buffer.from(`${head}.${body}`),
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
    if (!isOurs) return undefined;
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as Claims;
    if (claims.exp * 1000 <= now || !claims.aud.includes(ISSUER)) return undefined;
    const { namespace, serviceaccount } = claims['kubernetes.io'];
    return { namespace, name: serviceaccount.name, uid: serviceaccount.uid };
  } catch {
    return undefined;
  }
}
