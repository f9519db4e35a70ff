/**
 * Packs a certificate and its private key into a PKCS#12 file (RFC 7292), the form in which a management certificate
 * leaves the service. pkijs is imported on first use, since few processes pack any.
 * Key and certificate are encrypted with PBES2 (AES-256, PBKDF2 with SHA-256) under an HMAC of SHA-256 [ours: the real
 * file's ciphers are not recorded; these open in OpenSSL 3 without `-legacy` and in Node (tested), RC2 would not].
 */
import { createHash, type KeyObject } from 'node:crypto';

const ITERATIONS = 2000;
const KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const CERTIFICATE_BAG = '1.2.840.113549.1.12.10.1.3';
const LOCAL_KEY_ID = '1.2.840.113549.1.9.21';

/** A copy with a buffer of its own. A Node Buffer may be a view of a shared pool, which pkijs would read from its start. */
const unpooled = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

/** The DER of a PKCS#12 with `certificate` (DER) and `key`, linked by localKeyID and encrypted with `password`. */
export async function packPkcs12(bundle: {
  readonly certificate: Buffer;
  readonly key: KeyObject;
  readonly password: string;
}): Promise<Buffer> {
  const [pki, asn] = await Promise.all([import('pkijs'), import('asn1js')]);
  const password = unpooled(Buffer.from(bundle.password, 'utf8')).buffer;
  const cipher = {
    password,
    contentEncryptionAlgorithm: { name: 'AES-CBC', length: 256 },
    hmacHashAlgorithm: 'SHA-256',
    iterationCount: ITERATIONS,
  };
  const keyId = createHash('sha1').update(bundle.certificate).digest();
  const attribute = new pki.Attribute({
    type: LOCAL_KEY_ID,
    values: [new asn.OctetString({ valueHex: unpooled(keyId).buffer })],
  });
  const keyDer = bundle.key.export({ type: 'pkcs8', format: 'der' });
  const shroudedKey = new pki.PKCS8ShroudedKeyBag({
    parsedValue: pki.PrivateKeyInfo.fromBER(unpooled(keyDer)),
  });
  await shroudedKey.makeInternalValues(cipher);
  const certificate = pki.Certificate.fromBER(unpooled(bundle.certificate));
  const certificateBag = new pki.CertBag({ parsedValue: certificate });
  const bagAttributes = [attribute];
  const bags = [
    new pki.SafeBag({ bagId: KEY_BAG, bagValue: shroudedKey, bagAttributes }),
    new pki.SafeBag({ bagId: CERTIFICATE_BAG, bagValue: certificateBag, bagAttributes }),
  ];
  const safeContents = bags.map((bag, privacyMode) => ({
    privacyMode, // the key is encrypted inside its bag already (0), the certificate's contents as a whole (1)
    value: new pki.SafeContents({ safeBags: [bag] }),
  }));
  const authenticatedSafe = new pki.AuthenticatedSafe({ parsedValue: { safeContents } });
  await authenticatedSafe.makeInternalValues({ safeContents: [{}, cipher] });
  const pfx = new pki.PFX({ parsedValue: { integrityMode: 0, authenticatedSafe } });
  await pfx.makeInternalValues({
    password,
    iterations: ITERATIONS,
    pbkdf2HashAlgorithm: 'SHA-256',
    hmacHashAlgorithm: 'SHA-256',
  });
  return Buffer.from(pfx.toSchema().toBER());
}

/**
 * The DER of the first certificate in a PKCS#12, or undefined where it is none, or has another password. Its MAC is not checked: whoever
 * changes the file changes nothing but which certificate is found.
 */
export async function certificateInPkcs12(
  bundle: Buffer,
  password: string,
): Promise<Buffer | undefined> {
  const pki = await import('pkijs');
  try {
    const secret = unpooled(Buffer.from(password, 'utf8')).buffer;
    const pfx = pki.PFX.fromBER(unpooled(bundle));
    await pfx.parseInternalValues({ password: secret, checkIntegrity: false });
    const safe = pfx.parsedValue?.authenticatedSafe;
    if (safe === undefined) return undefined;
    await safe.parseInternalValues({
      safeContents: safe.safeContents.map(() => ({ password: secret })),
    });
    const { safeContents } = safe.parsedValue as {
      safeContents: readonly { value: { safeBags: readonly PkijsBag[] } }[];
    };
    const bags = safeContents.flatMap(({ value }) => value.safeBags);
    const found = bags.find(({ bagId }) => bagId === CERTIFICATE_BAG)?.bagValue;
    const certificate: unknown = found instanceof pki.CertBag ? found.parsedValue : undefined;
    return certificate instanceof pki.Certificate
      ? Buffer.from(certificate.toSchema(true).toBER())
      : undefined;
  } catch {
    return undefined;
  }
}

interface PkijsBag {
  readonly bagId: string;
  readonly bagValue: unknown;
}
