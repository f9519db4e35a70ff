/**
 * Who asks: by the certificate of the connection, or by a service account's token; and as whom, where he may impersonate.
 * Sources: apiserver authentication/request/{x509,bearertoken}, endpoints/filters/impersonation.go.
 */
import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { authorize } from '#kubernetes/access/rbac.ts';
import { ANONYMOUS, type Caller } from '#kubernetes/api/caller.ts';
import { SERVICE_ACCOUNTS } from '#kubernetes/kinds/serviceaccounts.ts';
import { uidOf } from '#kubernetes/objects/object.ts';
import { unauthorized } from '#kubernetes/status.ts';
import type { World } from '#kubernetes/world.ts';
import { wallNow } from '#shared/instant.ts';
import type { ClusterTrust } from '#vault/cluster-authority.ts';
import { readToken } from '#vault/cluster-tokens.ts';

const AUTHENTICATED = 'system:authenticated';

/** What was found out about a connection's certificate, by the authority that was asked. */
const known = new WeakMap<TLSSocket, Map<string, Caller | undefined>>();

/** The same of certificates that another process has seen. */
const handed = new WeakMap<ClusterTrust, Map<string, Handed>>();
const MAX_HANDED = 256;

interface Handed {
  readonly caller: Caller | undefined;
  readonly until: number;
}

/**
 * The caller; throws a 401 for credentials that are none here. `certificate`, DER, is what another process has seen of a client whose
 * request it hands on; undefined: the request is the client's own.
 */
export function authenticate(
  request: IncomingMessage,
  world: World,
  { trust, handedOn }: { readonly trust: ClusterTrust; readonly handedOn: HandedOn | undefined },
): Caller {
  const { socket } = request;
  const certified =
    handedOn !== undefined
      ? callerHanded(handedOn, trust)
      : socket instanceof TLSSocket
        ? callerOfConnection(socket, trust)
        : 'none';
  // A certificate goes before a token, as in the real server's order.
  if (certified !== 'none' && certified !== undefined) return certified;
  const token = /^bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token !== undefined) return callerOfToken(token.trim(), world, trust);
  if (certified === 'none') return ANONYMOUS;
  throw unauthorized();
}

/** What another process says of the client's connection. */
export interface HandedOn {
  readonly certificate: Buffer | undefined;
}

function callerHanded({ certificate }: HandedOn, trust: ClusterTrust): Caller | undefined | 'none' {
  if (certificate === undefined) return 'none';
  const answers = handed.get(trust) ?? new Map<string, Handed>();
  handed.set(trust, answers);
  const name = certificate.toString('base64');
  const found = answers.get(name);
  if (found !== undefined && found.until > wallNow()) return found.caller;
  const read = new X509Certificate(certificate);
  const caller = callerOfCertificate(read, trust);
  if (answers.size >= MAX_HANDED) answers.clear();
  answers.set(name, { caller, until: read.validToDate.getTime() });
  return caller;
}

function callerOfConnection(socket: TLSSocket, trust: ClusterTrust): Caller | undefined | 'none' {
  const answers = known.get(socket) ?? new Map<string, Caller | undefined>();
  known.set(socket, answers);
  if (answers.has(trust.certificate)) return answers.get(trust.certificate);
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return 'none';
  const caller = callerOfCertificate(certificate, trust);
  answers.set(trust.certificate, caller);
  return caller;
}

function callerOfCertificate(
  certificate: X509Certificate,
  { authority }: ClusterTrust,
): Caller | undefined {
  const now = wallNow();
  const isValid =
    certificate.checkIssued(authority) &&
    certificate.verify(authority.publicKey) &&
    certificate.validFromDate.getTime() <= now &&
    certificate.validToDate.getTime() > now;
  if (!isValid) return undefined;
  const subject = certificate.toLegacyObject().subject as Readonly<
    Record<string, string | string[] | undefined>
  >;
  const values = (name: string): string[] => [subject[name] ?? []].flat();
  const [user] = values('CN');
  return user === undefined ? undefined : { name: user, groups: [...values('O'), AUTHENTICATED] };
}

function callerOfToken(token: string, { store }: World, trust: ClusterTrust): Caller {
  const subject = readToken(trust.tokenKey, token, wallNow());
  if (subject === undefined) throw unauthorized();
  const { namespace, name, uid } = subject;
  const account = store.get(SERVICE_ACCOUNTS, namespace, name);
  if (account === undefined || uidOf(account.object) !== uid) throw unauthorized();
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, AUTHENTICATED],
  };
}

/** Whom the caller acts as; himself where he names nobody. Throws a 403 where he may not. */
export function impersonated({ headers }: IncomingMessage, caller: Caller, world: World): Caller {
  const user = headers['impersonate-user'];
  const groups = headers['impersonate-group'];
  if (typeof user !== 'string' || user === '') return caller;
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user);
  authorize(
    world,
    caller,
    account === null
      ? { verb: 'impersonate', group: '', resource: 'users', name: user }
      : {
          verb: 'impersonate',
          group: '',
          resource: 'serviceaccounts',
          namespace: account[1],
          name: account[2],
        },
  );
  const given = groups === undefined ? [] : [groups].flat().flatMap((one) => one.split(/,\s*/));
  for (const name of given) {
    authorize(world, caller, { verb: 'impersonate', group: '', resource: 'groups', name });
  }
  const own =
    account === null
      ? given
      : given.length > 0
        ? given
        : ['system:serviceaccounts', `system:serviceaccounts:${account[1] ?? ''}`];
  return {
    name: user,
    groups:
      user === 'system:anonymous' || own.includes(AUTHENTICATED) ? own : [...own, AUTHENTICATED],
  };
}
