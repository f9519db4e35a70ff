/**
 * The published `@azure/arm-databoxedge`, pointed at a listening service over http, with nothing of it replaced: its
 * options are its own. What the client of the .NET SDK does to a password, which the JavaScript one leaves to its user.
 */
import assert from 'node:assert/strict';
import {
  constants,
  createDecipheriv,
  pbkdf2Sync,
  publicEncrypt,
  X509Certificate,
} from 'node:crypto';
import { DataBoxEdgeManagementClient } from '@azure/arm-databoxedge';
import type {
  AsymmetricEncryptedSecret,
  DataBoxEdgeDeviceExtendedInfo,
  JobsGetOptionalParams,
} from '@azure/arm-databoxedge';
import { type Duration, minutes } from '#shared/instant.ts';
import { SUBSCRIPTION } from './arm-client.ts';
import type { ListeningService } from './listening.ts';

/** How much simulated time goes by each time that the service tells the client to wait. */
export interface Waiting {
  perWait: Duration;
}

/** A client whose waiting moves the frozen clock of the service: time passes as it does for a patient user. */
export function waitingClient(arm: ListeningService): {
  readonly azure: DataBoxEdgeManagementClient;
  readonly waiting: Waiting;
} {
  const waiting: Waiting = { perWait: minutes(10) };
  const azure = sdkClient(arm.origin, async () => arm.advance(waiting.perWait));
  return { azure, waiting };
}

/**
 * The client at `origin`. `whileWaiting` runs at each answer that asks to be waited for (`Retry-After`), before the
 * client sees that answer, so that what it polls next is the same in every run.
 */
export function sdkClient(
  origin: string,
  whileWaiting?: () => Promise<void>,
): DataBoxEdgeManagementClient {
  const passTime: NonNullable<ClientOptions['additionalPolicies']>[number]['policy'] = {
    name: 'simulatedTime',
    sendRequest: async (request, next) => {
      const response = await next(request);
      if (response.headers.has('retry-after')) await whileWaiting?.();
      return response;
    },
  };
  const nobody = { getToken: async () => null };
  const client = new DataBoxEdgeManagementClient(nobody, SUBSCRIPTION, {
    endpoint: origin,
    allowInsecureConnection: true,
    additionalPolicies: [{ policy: passTime, position: 'perCall' }],
  });
  // It refuses to send tokens over http, and there is nobody to ask for one.
  client.pipeline.removePolicy({ name: 'bearerTokenAuthenticationPolicy' });
  return client;
}

type OperationOptions = JobsGetOptionalParams;
type ClientOptions = NonNullable<ConstructorParameters<typeof DataBoxEdgeManagementClient>[2]>;

/** Learns the name of a job where a client finds it: in the Location of the 202 that accepts it. */
export function jobWatch(): {
  readonly job: { name: string };
  readonly onResponse: NonNullable<OperationOptions['onResponse']>;
} {
  const job = { name: '' };
  return {
    job,
    onResponse: ({ headers }) => {
      const location = headers.get('location');
      if (job.name === '' && location !== undefined) {
        job.name = new URL(location).pathname.split('/').at(-1) ?? '';
      }
    },
  };
}

/** All entries of a paged list, page by page. */
export async function listed<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const entries: T[] = [];
  for await (const entry of pages) entries.push(entry);
  return entries;
}

/**
 * `password` encrypted for the device, as `CryptoUtilities` of the .NET SDK does it: the device's certificate comes out of
 * `encryptionKey` with the channel integrity key, and the password goes in under that certificate (appliance.md §2.2).
 */
export function encryptedFor(
  info: DataBoxEdgeDeviceExtendedInfo,
  channelIntegrityKey: string,
  password: string,
): AsymmetricEncryptedSecret {
  const { encryptionKey, encryptionKeyThumbprint } = info;
  assert.ok(encryptionKey !== undefined && encryptionKeyThumbprint !== undefined);
  const certificate = openedCertificate(encryptionKey, channelIntegrityKey);
  assert.equal(certificate.fingerprint.replaceAll(':', ''), encryptionKeyThumbprint.toUpperCase());
  const key = { key: certificate.publicKey, padding: constants.RSA_PKCS1_PADDING };
  return {
    value: publicEncrypt(key, Buffer.from(password, 'utf8')).toString('base64'),
    encryptionCertThumbprint: encryptionKeyThumbprint,
    encryptionAlgorithm: 'AES256',
  };
}

/** int32 LE length of the IV | IV | AES-256-CBC of the base64 certificate, under PBKDF2 of the key. */
function openedCertificate(encryptionKey: string, channelIntegrityKey: string): X509Certificate {
  const bytes = Buffer.from(encryptionKey, 'base64');
  const start = 4 + bytes.readInt32LE();
  const key = pbkdf2Sync(channelIntegrityKey, 'o6806642kbM7c5', 1000, 32, 'sha1');
  const decipher = createDecipheriv('aes-256-cbc', key, bytes.subarray(4, start));
  const plain = Buffer.concat([decipher.update(bytes.subarray(start)), decipher.final()]);
  return new X509Certificate(Buffer.from(plain.toString('utf8'), 'base64'));
}
