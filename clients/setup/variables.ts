/** The texts of `edgetwin env` and `edgetwin trust`: what to set for each client (arm-protocol §6.1). Pure. */
import { addressOf, certificateFileOf, type Installation } from './installation.ts';

/** Quotes a text for a POSIX shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const exportLine = ([name, value]: readonly [string, string]): string =>
  `export ${name}=${quoted(value)}`;

/** The file to which a user fetches a certificate that the service holds in memory. */
const FETCHED_FILE = 'edgetwin-ca.pem';

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
    // The only tenant for which clients do not look into Microsoft's own list of authorities first [ran, az].
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

/** For Node; Python's requests and az; OpenSSL, Go and Python itself; curl. */
const trustVariables = (file: string): (readonly [string, string])[] =>
  ['NODE_EXTRA_CA_CERTS', 'REQUESTS_CA_BUNDLE', 'SSL_CERT_FILE', 'CURL_CA_BUNDLE'].map(
    (name) => [name, file] as const,
  );

/** For `eval "$(edgetwin env)"`. */
export function environmentText(installation: Installation): string {
  const file = certificateFileOf(installation) ?? FETCHED_FILE;
  const notes = [
    ...fetchNote(installation).map((line) => `# ${line}`),
    ...(installation.isSignInRequired
      ? [
          '# AZURE_CLIENT_ID and AZURE_CLIENT_SECRET: a client of EDGETWIN_CLIENTS, or the administrator that the first start printed.',
        ]
      : []),
  ];
  return [...notes, ...variablesOf(installation, file).map(exportLine), ''].join('\n');
}

function fetchNote(installation: Installation): string[] {
  if (certificateFileOf(installation) !== undefined) return [];
  const url = `${addressOf(installation, 'http')}/_edgetwin/ca.pem`;
  return [
    `The certificate is in memory, like the data. Fetch it after every start: curl -o ${FETCHED_FILE} ${url}`,
  ];
}

/** What to set so that each client trusts the service's certificate. */
export function trustText(installation: Installation): string {
  const file = certificateFileOf(installation) ?? FETCHED_FILE;
  const address = addressOf(installation, 'https');
  const az = [
    'az cloud register -n Edgetwin',
    `--endpoint-resource-manager ${address}`,
    `--endpoint-active-directory ${address}/adfs`,
    '--endpoint-active-directory-resource-id https://management.core.windows.net/',
    '--endpoint-active-directory-graph-resource-id https://graph.windows.net/',
  ];
  return `The certificate to trust is ${file}
The first start creates it, for this installation only. It is not a secret.
${fetchNote(installation).join('\n')}
Node              ${exportLine(['NODE_EXTRA_CA_CERTS', file])}
Python, requests  ${exportLine(['REQUESTS_CA_BUNDLE', file])}
Python's own, Go  ${exportLine(['SSL_CERT_FILE', file])}   (Terraform too)
curl              curl --cacert ${quoted(file)} ${address}/health/live
az                ${exportLine(['REQUESTS_CA_BUNDLE', file])}
                  ${az.join(' \\\n                    ')}
                  az cloud set -n Edgetwin
                  az login --service-principal -u <client id> -p <secret> --tenant adfs

All of this in a shell: eval "$(edgetwin env)", in a checkout eval "$(npx edgetwin env)". Other programs of that shell
then trust this certificate alone, where they read SSL_CERT_FILE, REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE.
`;
}
