/** What `edgetwin env` and `edgetwin trust` print: pure texts, of what to set for which client (arm-protocol §6.1). */
import { addressOf, certificateFileOf, type Installation } from './installation.ts';

/** `a'b` as a POSIX shell reads it. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const exported = ([name, value]: readonly [string, string]): string =>
  `export ${name}=${quoted(value)}`;

/** Where a certificate is that the service keeps in memory: fetched once, by whoever trusts this machine. */
const FETCHED = 'edgetwin-ca.pem';

/** The variables by which clients find the service and trust it. */
function variablesOf(
  installation: Installation,
  certificateFile: string,
): (readonly [string, string])[] {
  const address = addressOf(installation, 'https');
  return [
    ['EDGETWIN_URL', address],
    ...trustVariables(certificateFile),
    ['AZURE_AUTHORITY_HOST', address],
    // The one tenant for which no client looks into Microsoft's own list of authorities first [ran, az].
    ['AZURE_TENANT_ID', 'adfs'],
    ['ARM_METADATA_HOSTNAME', new URL(address).host],
    ['ARM_CLOUD_METADATA_URL', `${address}/metadata/clouds`],
    ...(installation.isSignInRequired
      ? []
      : ([
          ['AZURE_CLIENT_ID', 'any-client'],
          ['AZURE_CLIENT_SECRET', 'any-secret'],
        ] as const)),
  ];
}

/** Node, requests and az, OpenSSL with Go and Python's own, curl. */
const trustVariables = (file: string): (readonly [string, string])[] =>
  ['NODE_EXTRA_CA_CERTS', 'REQUESTS_CA_BUNDLE', 'SSL_CERT_FILE', 'CURL_CA_BUNDLE'].map(
    (name) => [name, file] as const,
  );

/** For `eval "$(edgetwin env)"`. */
export function environmentText(installation: Installation): string {
  const file = certificateFileOf(installation) ?? FETCHED;
  const notes = [
    ...fetchNote(installation).map((line) => `# ${line}`),
    ...(installation.isSignInRequired
      ? [
          '# AZURE_CLIENT_ID and AZURE_CLIENT_SECRET: a client of EDGETWIN_CLIENTS, or the administrator that the first start told.',
        ]
      : []),
  ];
  return [...notes, ...variablesOf(installation, file).map(exported), ''].join('\n');
}

function fetchNote(installation: Installation): string[] {
  if (certificateFileOf(installation) !== undefined) return [];
  const url = `${addressOf(installation, 'http')}/_edgetwin/ca.pem`;
  return [
    `The data are in memory, the certificate too. Fetch it at every start: curl -o ${FETCHED} ${url}`,
  ];
}

/** What to set so that each client trusts the service's certificate. */
export function trustText(installation: Installation): string {
  const file = certificateFileOf(installation) ?? FETCHED;
  const address = addressOf(installation, 'https');
  const az = [
    'az cloud register -n Edgetwin',
    `--endpoint-resource-manager ${address}`,
    `--endpoint-active-directory ${address}/adfs`,
    '--endpoint-active-directory-resource-id https://management.core.windows.net/',
    '--endpoint-active-directory-graph-resource-id https://graph.windows.net/',
  ];
  return `The certificate to trust is ${file}
It is made at the first start, for this installation alone, and is no secret.
${fetchNote(installation).join('\n')}
Node              ${exported(['NODE_EXTRA_CA_CERTS', file])}
Python, requests  ${exported(['REQUESTS_CA_BUNDLE', file])}
Python's own, Go  ${exported(['SSL_CERT_FILE', file])}   (Terraform too)
curl              curl --cacert ${quoted(file)} ${address}/health/live
az                ${exported(['REQUESTS_CA_BUNDLE', file])}
                  ${az.join(' \\\n                    ')}
                  az cloud set -n Edgetwin
                  az login --service-principal -u <client id> -p <secret> --tenant adfs

All of it in a shell: eval "$(edgetwin env)"
`;
}
