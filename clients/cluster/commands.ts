/**
 * The commands about a device's Kubernetes cluster: `edgetwin kubeconfig`, and one for each cmdlet of the device's PowerShell,
 * with its name and parameters. Each is one call of the control door.
 */
import { isJsonObject, type JsonObject, textIn } from '#shared/json.ts';

interface Command {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** Parameters of the command, each with its name in the call. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly optional?: readonly string[];
  /** What it prints of an answer in JSON; nothing where it is absent. */
  readonly print?: (answer: JsonObject) => string;
}

const KUBERNETES = '/_edgetwin/appliances/kubernetes';
const NAMESPACE = { Namespace: 'namespace' };
const USER = { UserName: 'user' };

/** By name, in lower case. */
const COMMANDS: Readonly<Record<string, Command>> = {
  kubeconfig: {
    method: 'GET',
    path: '/_edgetwin/appliances/kubeconfig',
    parameters: { user: 'user' },
    optional: ['user'],
  },
  'get-hcskubernetesuserconfig': {
    method: 'GET',
    path: '/_edgetwin/appliances/kubeconfig',
    parameters: USER,
  },
  'new-hcskubernetesuser': { method: 'POST', path: `${KUBERNETES}/users`, parameters: USER },
  'remove-hcskubernetesuser': { method: 'DELETE', path: `${KUBERNETES}/users`, parameters: USER },
  'get-hcskubernetesnamespaces': {
    method: 'GET',
    path: `${KUBERNETES}/namespaces`,
    parameters: {},
    print: ({ namespaces }) => (namespaces as string[]).map((name) => `${name}\n`).join(''),
  },
  'get-hcskubeclusternetworkinfo': {
    method: 'GET',
    path: `${KUBERNETES}/network`,
    parameters: {},
    print: tableOf('id', 'podSubnet', 'serviceSubnet'),
  },
  'set-hcskubeclusternetworkinfo': {
    method: 'PUT',
    path: `${KUBERNETES}/network`,
    parameters: { PodSubnet: 'podSubnet', ServiceSubnet: 'serviceSubnet' },
  },
  'new-hcskubernetesnamespace': {
    method: 'POST',
    path: `${KUBERNETES}/namespaces`,
    parameters: NAMESPACE,
  },
  'remove-hcskubernetesnamespace': {
    method: 'DELETE',
    path: `${KUBERNETES}/namespaces`,
    parameters: NAMESPACE,
  },
  'grant-hcskubernetesnamespaceaccess': {
    method: 'POST',
    path: `${KUBERNETES}/access`,
    parameters: { ...NAMESPACE, ...USER },
  },
  'revoke-hcskubernetesnamespaceaccess': {
    method: 'DELETE',
    path: `${KUBERNETES}/access`,
    parameters: { ...NAMESPACE, ...USER },
  },
};

/** Prints these members as PowerShell prints an object in a table: their names, a line below each, and their values. */
function tableOf(...members: readonly string[]): (answer: JsonObject) => string {
  return (answer) => {
    const columns = members.map((member) => {
      const name = member.charAt(0).toUpperCase() + member.slice(1);
      const value = textIn(answer, member);
      const width = Math.max(name.length, value.length);
      return [name, '-'.repeat(name.length), value].map((cell) => cell.padEnd(width));
    });
    const lines = [0, 1, 2].map((row) =>
      columns
        .map((cells) => cells[row])
        .join(' ')
        .trimEnd(),
    );
    return `${lines.join('\n')}\n`;
  };
}

/** Whether there is such a command about clusters. */
export const isClusterCommand = (name: string): boolean =>
  Object.hasOwn(COMMANDS, name.toLowerCase());

/** Reads `<device id> -Namespace x -UserName y`; throws a `TypeError` for what is not understood. */
function readWords(
  name: string,
  { parameters, optional = [] }: Command,
  words: readonly string[],
): Map<string, string> {
  const given = new Map<string, string>();
  const left = [...words];
  while (left.length > 0) {
    const word = left.shift() ?? '';
    if (!word.startsWith('-')) {
      if (given.has('resource')) throw new TypeError(`'${word}' is one word too many.`);
      given.set('resource', word);
      continue;
    }
    const asked = word.replace(/^-+/, '').toLowerCase();
    const parameter = Object.entries(parameters).find(([one]) => one.toLowerCase() === asked);
    const value = left.shift();
    if (parameter === undefined || value === undefined) {
      throw new TypeError(`'${word}' is not understood; ${name} takes ${shownOf(parameters)}.`);
    }
    given.set(parameter[1], value);
  }
  const missing = Object.entries(parameters).filter(
    ([one, key]) => !given.has(key) && !optional.includes(one),
  );
  if (!given.has('resource')) throw new TypeError(`${name} needs the ARM id of a device.`);
  if (missing.length > 0) {
    throw new TypeError(`${name} needs ${missing.map(([one]) => `-${one}`).join(' and ')}.`);
  }
  return given;
}

const shownOf = (parameters: Command['parameters']): string =>
  ['a device id', ...Object.keys(parameters).map((one) => `-${one}`)].join(', ');

/** What a command has come to: a text for standard output, or why it was refused. */
export type ClusterAnswer = { readonly text: string } | { readonly refused: string };

/** Carries out a command against the service at `base`. */
export async function runClusterCommand(
  name: string,
  words: readonly string[],
  base: string,
): Promise<ClusterAnswer> {
  const command = COMMANDS[name.toLowerCase()];
  if (command === undefined) throw new TypeError(`Unknown command '${name}'.`);
  const given = readWords(name, command, words);
  const url = new URL(command.path, base);
  const isInQuery = command.method === 'GET' || command.method === 'DELETE';
  if (isInQuery) for (const [key, value] of given) url.searchParams.set(key, value);
  const response = await fetch(url, {
    method: command.method,
    ...(isInQuery
      ? {}
      : {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(Object.fromEntries(given)),
        }),
  });
  const text = await response.text();
  if (!response.ok) return { refused: messageIn(text) };
  if (response.headers.get('content-type')?.startsWith('application/yaml') === true)
    return { text };
  return { text: command.print?.(JSON.parse(text) as JsonObject) ?? '' };
}

/** The message of a refusal's envelope. */
function messageIn(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    const error = isJsonObject(body) ? body['error'] : undefined;
    if (isJsonObject(error) && typeof error['message'] === 'string') return error['message'];
  } catch {
    // No envelope: the text itself says what there is to say.
  }
  return text;
}
