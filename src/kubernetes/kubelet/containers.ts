/**
 * The life of a container: pull, start, run, end, again. Each step follows from the stage, the clock and how its image behaves.
 * Sources: kubelet/kuberuntime, images/image_manager.go (kubernetes-facts.md 6.1, 6.3, 6.5).
 */
import type { Container, ContainerState } from 'kubernetes-types/core/v1.d.ts';
import { uidOf, timeOf } from '../objects/object.ts';
import { instant } from '#shared/instant.ts';
import { minorVersion } from '../world.ts';
import { type Behaviour, behaviourOf, pullMilliseconds } from './images.ts';
import { backoffOf, type ContainerLife, LENGTHS } from './life.ts';
import { type PodWork, podWords } from './pod-work.ts';
import { missingEnvironment } from './references.ts';

const OUT_OF_MEMORY_CODE = 137;
const STOPPED_CODE = 137;
/** Versions from which on texts of events are others (kubernetes-facts.md 6.1). */
const FIRST_COLON = 30;
const FIRST_NAMED_BACKOFF = 27;
const FIRST_MILLISECONDS = 28;

interface Role {
  readonly isInit: boolean;
}

/** Does everything about a container that is due. */
export function stepContainer(work: PodWork, container: Container, role: Role): void {
  // Each stage leads to another one, or waits for its moment.
  for (let steps = 0; steps < 20; steps++) {
    const life = work.life(container.name);
    const isDue = life.until !== undefined && life.until <= work.now;
    if (!advance(work, container, { ...role, life, isDue })) {
      wait(work, life);
      return;
    }
  }
}

function wait(work: PodWork, { until, readyAt, unhealthyAt }: ContainerLife): void {
  for (const moment of [until, readyAt, unhealthyAt]) work.wakeAt(moment);
}

/** One stage on; false where it has to wait. */
function advance(
  work: PodWork,
  container: Container,
  at: Role & { readonly life: ContainerLife; readonly isDue: boolean },
): boolean {
  const { life, isDue } = at;
  switch (life.stage) {
    case 'queued':
      pull(work, container, at);
      return true;
    case 'pulling':
      if (!isDue) return false;
      pulled(work, container, at);
      start(work, container, at);
      return true;
    case 'blocked':
      if (!isDue) return false;
      start(work, container, at);
      return true;
    case 'pullBackoff':
    case 'crashBackoff':
      if (!isDue) return false;
      if (life.stage === 'crashBackoff') countRestart(work, container);
      work.setLife(container.name, { ...keptFailures(life), stage: 'queued' });
      return true;
    case 'running':
      return run(work, container, at);
    case 'done':
      return false;
  }
}

const keptFailures = ({ failures }: ContainerLife): Pick<ContainerLife, 'failures'> =>
  failures === undefined ? {} : { failures };

const behaviour = (work: PodWork, { name }: Container): Behaviour => behaviourOf(work.pod, name);

function pull(
  work: PodWork,
  container: Container,
  { isInit, life }: Role & { readonly life: ContainerLife },
): void {
  const { image = '', imagePullPolicy: policy, name } = container;
  const about = { container, isInit };
  const { pullError, sizeBytes } = behaviour(work, container);
  const isThere = work.hasImage(image);
  if (isThere && policy !== 'Always') {
    work.tell('Pulled', `Container image "${image}" already present on machine`, about);
    start(work, container, { isInit, life });
    return;
  }
  if (policy === 'Never') {
    work.tell(
      'ErrImageNeverPull',
      `Container image "${image}" is not present with pull policy of Never`,
      { ...about, isWarning: true },
    );
    work.waiting(
      container,
      'ErrImageNeverPull',
      `Container image "${image}" is not present with pull policy of Never`,
    );
    work.setLife(name, {
      ...keptFailures(life),
      stage: 'pullBackoff',
      until: work.now + LENGTHS.blocked,
    });
    return;
  }
  if (pullError !== undefined) {
    failPull(work, container, { isInit, life, pullError });
    return;
  }
  work.tell('Pulling', `Pulling image "${image}"`, about);
  // What is there already has only to be asked for.
  const length = isThere
    ? 300
    : pullMilliseconds(sizeBytes, work.world.seed, uidOf(work.pod), name);
  work.setLife(name, {
    ...keptFailures(life),
    stage: 'pulling',
    until: work.now + length,
    startedAt: work.now,
  });
}

function failPull(
  work: PodWork,
  container: Container,
  { isInit, life, pullError }: Role & { readonly life: ContainerLife; readonly pullError: string },
): void {
  const { image = '', name } = container;
  const about = { container, isInit, isWarning: true };
  const failures = (life.failures ?? 0) + 1;
  const before = work.statuses.get(name)?.state?.waiting?.reason;
  if (before !== 'ErrImagePull') {
    work.tell('Pulling', `Pulling image "${image}"`, { container, isInit });
    work.tell('Failed', `Failed to pull image "${image}": ${pullError}`, about);
    work.tell('Failed', 'Error: ErrImagePull', about);
    work.waiting(container, 'ErrImagePull', pullError);
    work.setLife(name, { stage: 'pullBackoff', failures: failures - 1, until: work.now + 1000 });
    return;
  }
  work.tell('BackOff', `Back-off pulling image "${image}"`, { container, isInit });
  work.tell('Failed', 'Error: ImagePullBackOff', about);
  work.waiting(container, 'ImagePullBackOff', `Back-off pulling image "${image}"`);
  work.setLife(name, { stage: 'pullBackoff', failures, until: work.now + backoffOf(failures) });
}

function pulled(
  work: PodWork,
  container: Container,
  { isInit, life }: Role & { readonly life: ContainerLife },
): void {
  const { image = '' } = container;
  const { sizeBytes } = behaviour(work, container);
  const length = work.now - (life.startedAt ?? work.now);
  const digits = minorVersion(work.world) >= FIRST_MILLISECONDS ? 3 : 9;
  const shown = `${(length / 1000).toFixed(digits).replace(/\.?0+$/, '')}s`;
  const size = minorVersion(work.world) >= FIRST_COLON ? ` Image size: ${sizeBytes} bytes.` : '';
  const dot = size === '' ? '' : '.';
  work.keepImage(image);
  work.tell(
    'Pulled',
    `Successfully pulled image "${image}" in ${shown} (${shown} including waiting)${dot}${size}`,
    { container, isInit },
  );
}

function start(
  work: PodWork,
  container: Container,
  { isInit, life }: Role & { readonly life: ContainerLife },
): void {
  const { name } = container;
  const about = { container, isInit };
  const missing = missingEnvironment(work.world, work.pod, container);
  if (missing !== undefined) {
    work.tell('Failed', `Error: ${missing}`, { ...about, isWarning: true });
    work.waiting(container, 'CreateContainerConfigError', missing);
    work.setLife(name, {
      ...keptFailures(life),
      stage: 'blocked',
      until: work.now + LENGTHS.blocked,
    });
    return;
  }
  const colon = minorVersion(work.world) >= FIRST_COLON ? ':' : '';
  work.tell('Created', `Created container${colon} ${name}`, about);
  work.tell('Started', `Started container ${name}`, about);
  work.running(container);
  work.setLife(name, {
    ...keptFailures(life),
    stage: 'running',
    startedAt: work.now,
    ...moments(work, container, isInit),
  });
}

/** When what runs ends, is ready, and fails its liveness probe. */
function moments(work: PodWork, container: Container, isInit: boolean): Partial<ContainerLife> {
  const { runSeconds, readySeconds, unhealthySeconds, isOutOfMemory } = behaviour(work, container);
  const now: number = work.now;
  const { readinessProbe, livenessProbe } = container;
  const initLength = isInit ? LENGTHS.init : undefined;
  const length =
    runSeconds === undefined
      ? isOutOfMemory
        ? 2000
        : initLength
      : Math.max(runSeconds * 1000, 100);
  // A probe is asked once a period, the first time after its delay.
  const period = (readinessProbe?.periodSeconds ?? 10) * 1000;
  const first = (readinessProbe?.initialDelaySeconds ?? 0) * 1000 + 500;
  const probed =
    readySeconds === undefined
      ? undefined
      : first + Math.ceil(Math.max(0, readySeconds * 1000 - first) / period) * period;
  const readyAt =
    readinessProbe === undefined
      ? readySeconds === 0
        ? now
        : readySeconds === undefined
          ? undefined
          : now + readySeconds * 1000
      : probed === undefined
        ? undefined
        : now + probed;
  const failing =
    livenessProbe === undefined || unhealthySeconds === undefined
      ? undefined
      : unhealthySeconds * 1000 +
        (livenessProbe.failureThreshold ?? 3) * (livenessProbe.periodSeconds ?? 10) * 1000;
  return {
    ...(length === undefined ? {} : { until: now + length }),
    ...(readyAt === undefined || isInit ? {} : { readyAt }),
    ...(failing === undefined ? {} : { unhealthyAt: now + failing }),
  };
}

function run(
  work: PodWork,
  container: Container,
  { isInit, life, isDue }: Role & { readonly life: ContainerLife; readonly isDue: boolean },
): boolean {
  if (isDue) {
    const { exitCode, isOutOfMemory } = behaviour(work, container);
    end(work, container, {
      isInit,
      life,
      exit: isOutOfMemory
        ? { exitCode: OUT_OF_MEMORY_CODE, reason: 'OOMKilled' }
        : { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' },
    });
    return true;
  }
  if (life.unhealthyAt !== undefined && life.unhealthyAt <= work.now) {
    const about = { container, isInit };
    work.tell('Unhealthy', 'Liveness probe failed: HTTP probe failed with statuscode: 503', {
      ...about,
      isWarning: true,
    });
    work.tell(
      'Killing',
      `Container ${container.name} failed liveness probe, will be restarted`,
      about,
    );
    end(work, container, { isInit, life, exit: { exitCode: STOPPED_CODE, reason: 'Error' } });
    return true;
  }
  const isReady = !isInit && life.readyAt !== undefined && life.readyAt <= work.now;
  if (isReady && work.statuses.get(container.name)?.ready !== true) {
    work.show(container, { ready: true, started: true });
  }
  return false;
}

interface End extends Role {
  readonly life: ContainerLife;
  readonly exit: { readonly exitCode: number; readonly reason: string };
}

/** What runs in the container has ended: it stays so, or begins again. */
function end(work: PodWork, container: Container, { isInit, life, exit }: End): void {
  const { name } = container;
  const startedAt = instant(life.startedAt ?? work.now);
  const terminated: NonNullable<ContainerState['terminated']> = {
    ...exit,
    startedAt: timeOf(startedAt),
    finishedAt: timeOf(work.now),
    ...containerIdOf(work, name),
  };
  const policy = work.pod.spec?.restartPolicy ?? 'Always';
  const hasFailed = exit.exitCode !== 0;
  const isAgain = isInit
    ? hasFailed && policy !== 'Never'
    : policy === 'Always' || (policy === 'OnFailure' && hasFailed);
  if (!isAgain) {
    work.show(container, { state: { terminated }, ready: isInit && !hasFailed, started: false });
    work.setLife(name, { stage: 'done' });
    return;
  }
  const isForgiven = work.now - startedAt >= LENGTHS.forgiven;
  const failures = (isForgiven ? 0 : (life.failures ?? 0)) + 1;
  work.show(container, { lastState: { terminated }, ready: false, started: false });
  if (failures === 1) {
    work.show(container, { state: { terminated } });
    work.setLife(name, { stage: 'crashBackoff', failures, until: work.now + 1000 });
    return;
  }
  const length = backoffOf(failures - 1);
  const words = podWords(work.pod);
  const detail = minorVersion(work.world) >= FIRST_NAMED_BACKOFF ? ` ${name} in pod ${words}` : '';
  work.tell('BackOff', `Back-off restarting failed container${detail}`, {
    container,
    isInit,
    isWarning: true,
  });
  work.waiting(
    container,
    'CrashLoopBackOff',
    `back-off ${goDuration(length)} restarting failed container=${name} pod=${words}`,
  );
  work.setLife(name, { stage: 'crashBackoff', failures, until: work.now + length });
}

function containerIdOf(work: PodWork, name: string): { containerID?: string } {
  const { containerID } = work.statuses.get(name) ?? {};
  return containerID === undefined ? {} : { containerID };
}

function countRestart(work: PodWork, container: Container): void {
  const { restartCount = 0 } = work.statuses.get(container.name) ?? {};
  work.show(container, { restartCount: restartCount + 1 });
}

/** `1m20s`. */
function goDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds % 60}s`;
}
