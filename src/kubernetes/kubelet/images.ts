/**
 * How images behave: whether they can be pulled, how large they are, whether what runs in them ends, and what it writes. Defaults
 * for well-known ones; annotations `edgetwin/…` of a pod say the rest. All of it [ours].
 */
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { flat } from '#shared/flat.ts';
import { type Instant, plus, seconds } from '#shared/instant.ts';
import { wholeNumber } from '#shared/random.ts';
import { annotationsOf } from '../objects/object.ts';

export interface Behaviour {
  readonly sizeBytes: number;
  /** Why it cannot be pulled. */
  readonly pullError: string | undefined;
  /** What runs in it ends after so many seconds; undefined: never by itself. */
  readonly runSeconds: number | undefined;
  readonly exitCode: number;
  /** It is killed for want of memory instead of ending. */
  readonly isOutOfMemory: boolean;
  /** Seconds from start until its readiness probe succeeds; undefined: never. */
  readonly readySeconds: number | undefined;
  /** Seconds from start from which on its liveness probe fails. */
  readonly unhealthySeconds: number | undefined;
}

interface KnownImage {
  readonly pattern: RegExp;
  readonly sizeMegabytes: number;
  /** What it runs by itself ends at once. */
  readonly endsAtOnce?: true;
  readonly lines?: readonly string[];
}

/** Repositories without their registry, and what is known of them. */
const KNOWN: readonly KnownImage[] = [
  {
    pattern: /(^|\/)nginx(:|@|$)/,
    sizeMegabytes: 67,
    lines: [
      '/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration',
      '/docker-entrypoint.sh: Configuration complete; ready for start up',
      '[notice] 1#1: using the "epoll" event method',
      '[notice] 1#1: start worker processes',
    ],
  },
  { pattern: /(^|\/)(busybox|alpine|ubuntu|debian)(:|@|$)/, sizeMegabytes: 3, endsAtOnce: true },
  {
    pattern: /(^|\/)hello-world(:|@|$)/,
    sizeMegabytes: 1,
    endsAtOnce: true,
    lines: [
      'Hello from Docker!',
      'This message shows that your installation appears to be working correctly.',
    ],
  },
  { pattern: /(^|\/)pause(:|@|$)/, sizeMegabytes: 1 },
  { pattern: /(^|\/)(mysql|mariadb|postgres)(:|@|$)/, sizeMegabytes: 180 },
  { pattern: /(^|\/)redis(:|@|$)/, sizeMegabytes: 45 },
];

const MEGABYTE = 1_000_000;
const DEFAULT_MEGABYTES = 50;
/** Host names that never resolve (RFC 2606). */
const NOWHERE = /(^|\.)(invalid|example|test)$/;

const PREFIX = 'edgetwin/';

/** How a container of a pod behaves: by its command, its image and the pod's annotations. */
export function behaviourOf(pod: Pod, containerName: string): Behaviour {
  const container = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].find(
    ({ name }) => name === containerName,
  );
  const image = container?.image ?? '';
  const annotations = annotationsOf(pod);
  const isPlain = Object.keys(annotations).length === 0;
  const asked = (name: string): string | undefined =>
    isPlain
      ? undefined
      : (annotations[`${PREFIX}${containerName}.${name}`] ?? annotations[`${PREFIX}${name}`]);
  const number = (name: string): number | undefined => {
    const value = asked(name);
    return value === undefined || !Number.isFinite(Number(value)) ? undefined : Number(value);
  };
  const known = KNOWN.find(({ pattern }) => pattern.test(image));
  const byCommand = commandBehaviour([...(container?.command ?? []), ...(container?.args ?? [])]);
  const runs = number('run-seconds') ?? byCommand.runSeconds;
  const isForever = known?.endsAtOnce !== true || byCommand.isForever;
  return {
    sizeBytes: (known?.sizeMegabytes ?? DEFAULT_MEGABYTES) * MEGABYTE,
    pullError: asked('pull') ?? pullErrorOf(image),
    runSeconds: runs ?? (isForever ? undefined : 0),
    exitCode: number('exit-code') ?? byCommand.exitCode,
    isOutOfMemory: asked('out-of-memory') === 'true',
    readySeconds: asked('ready-seconds') === 'never' ? undefined : (number('ready-seconds') ?? 0),
    unhealthySeconds: number('unhealthy-seconds'),
  };
}

interface CommandBehaviour {
  readonly isForever: boolean;
  readonly runSeconds?: number;
  readonly exitCode: number;
}

/** What a command comes to that is one of the usual ones of tests: `sleep 30`, `exit 3`, `tail -f`. */
function commandBehaviour(words: readonly string[]): CommandBehaviour {
  const text = words.join(' ');
  const sleep = /\bsleep\s+(\d+|infinity)\b/.exec(text)?.[1];
  const exitCode = Number(
    /\bexit\s+(\d+)/.exec(text)?.[1] ?? (/(^|\s)(\/bin\/)?false\s*$/.test(text) ? 1 : 0),
  );
  if (sleep === 'infinity' || /\btail\s+-f\b|\bwhile\s+(true|:)/.test(text)) {
    return { isForever: true, exitCode };
  }
  if (sleep !== undefined) return { isForever: false, runSeconds: Number(sleep), exitCode };
  if (exitCode !== 0) return { isForever: false, runSeconds: 0, exitCode };
  return { isForever: false, exitCode };
}

/** Images that nobody has: of hosts that never resolve, and those that say so in their tag. */
function pullErrorOf(image: string): string | undefined {
  const [host = ''] = image.split('/');
  const isHost = image.includes('/') && /[.:]/.test(host);
  if (isHost && NOWHERE.test(host.replace(/:\d+$/, ''))) {
    return `rpc error: code = Unknown desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": failed to do request: Head "https://${host}/v2/": dial tcp: lookup ${host.replace(/:\d+$/, '')}: no such host`;
  }
  if (/:(does-not-exist|missing|nonexistent|nope)$/i.test(image)) {
    const full = fullImageName(image);
    return `rpc error: code = NotFound desc = failed to pull and unpack image "${full}": failed to resolve reference "${full}": ${full}: not found`;
  }
  return undefined;
}

/** The whole name of an image: `docker.io/library/nginx:latest`. */
export function fullImageName(image: string): string {
  const [host = ''] = image.split('/');
  const isHost = image.includes('/') && (/[.:]/.test(host) || host === 'localhost');
  const registry = isHost ? '' : `docker.io/${image.includes('/') ? '' : 'library/'}`;
  const tag = /[:@][^/]*$/.test(image) ? '' : ':latest';
  return flat(`${registry}${image}${tag}`);
}

/** How many bytes a second a node pulls: 100 Mbit/s. */
const BYTES_PER_SECOND = 12_500_000;

/** How long the pull of an image takes, milliseconds. */
export function pullMilliseconds(
  sizeBytes: number,
  ...words: readonly (string | number)[]
): number {
  const base = (sizeBytes / BYTES_PER_SECOND) * 1000;
  return Math.round(300 + base * (0.8 + wholeNumber(0, 40, ...words, 'pull') / 100));
}

/** How often a container that has nothing else to say writes a line. */
const LINE_EVERY = seconds(30);
const MAX_LINES = 1000;

/** The lines that a container has written between its start and `end`. */
export function logLinesOf(
  image: string,
  { startedAt, end }: { readonly startedAt: Instant; readonly end: Instant },
): readonly { readonly at: Instant; readonly text: string }[] {
  const known = KNOWN.find(({ pattern }) => pattern.test(image));
  const first = (known?.lines ?? [`started ${fullImageName(image)}`]).map((text) => ({
    at: startedAt,
    text,
  }));
  const count = Math.min(MAX_LINES, Math.max(0, Math.floor((end - startedAt) / LINE_EVERY)));
  const beats = known?.endsAtOnce === true ? 0 : count;
  return [
    ...first,
    ...Array.from({ length: beats }, (_, index) => ({
      at: plus(startedAt, seconds((index + 1) * (LINE_EVERY / 1000))),
      text: `serving, ${(index + 1) * (LINE_EVERY / 1000)} seconds since the start`,
    })),
  ];
}
