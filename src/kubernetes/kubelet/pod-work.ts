/** One step of a kubelet on one pod: the draft of its status and of what is remembered, and the events on the way. */
import type {
  Container,
  ContainerState,
  ContainerStatus,
  Pod,
} from 'kubernetes-types/core/v1.d.ts';
import { flat } from '#shared/flat.ts';
import { type Instant, instant } from '#shared/instant.ts';
import { text } from '#shared/random.ts';
import { recordEvent, referenceTo } from '../controllers/events.ts';
import { NODES } from '../kinds/nodes.ts';
import type { Entry } from '../objects/entry.ts';
import { timeOf, uidOf } from '../objects/object.ts';
import { minorVersion, type World } from '../world.ts';
import { fullImageName } from './images.ts';
import type { ContainerLife, PodLife } from './life.ts';

const HEX = '0123456789abcdef';
const FIRST_CONTAINERD = 26;

export class PodWork {
  readonly world: World;
  readonly pod: Pod;
  readonly statuses = new Map<string, ContainerStatus>();
  readonly lives = new Map<string, ContainerLife>();
  #nextAt: number | undefined;

  constructor(world: World, { object }: Entry, life: PodLife) {
    this.world = world;
    this.pod = object as Pod;
    const { containerStatuses = [], initContainerStatuses = [] } = this.pod.status ?? {};
    for (const status of [...initContainerStatuses, ...containerStatuses]) {
      this.statuses.set(status.name, status);
    }
    for (const [name, one] of Object.entries(life.containers)) this.lives.set(name, one);
  }

  get node(): string {
    return this.pod.spec?.nodeName ?? '';
  }

  get now(): Instant {
    return this.world.now;
  }

  /** When the next step is due. */
  get nextAt(): Instant | undefined {
    return this.#nextAt === undefined ? undefined : instant(this.#nextAt);
  }

  wakeAt(moment: number | undefined): void {
    if (moment === undefined || moment <= this.now) return;
    this.#nextAt = Math.min(this.#nextAt ?? Number.POSITIVE_INFINITY, moment);
  }

  life(name: string): ContainerLife {
    return this.lives.get(name) ?? { stage: 'queued' };
  }

  setLife(name: string, life: ContainerLife): void {
    this.lives.set(name, life);
  }

  /** Changes what is seen of a container. */
  show(container: Container, change: Partial<ContainerStatus>): void {
    const before = this.statuses.get(container.name);
    this.statuses.set(container.name, {
      name: container.name,
      image: before?.image ?? fullImageName(container.image ?? ''),
      imageID: before?.imageID ?? '',
      ready: before?.ready ?? false,
      restartCount: before?.restartCount ?? 0,
      started: before?.started ?? false,
      ...(before?.containerID === undefined ? {} : { containerID: before.containerID }),
      ...(before?.lastState === undefined ? {} : { lastState: before.lastState }),
      ...(before?.state === undefined ? {} : { state: before.state }),
      ...change,
    });
  }

  waiting(container: Container, reason: string, message?: string): void {
    const state: ContainerState = {
      waiting: { reason, ...(message === undefined ? {} : { message }) },
    };
    this.show(container, { state, ready: false, started: false });
  }

  /** The state of a container that begins to run. */
  running(container: Container): void {
    const restarts = this.statuses.get(container.name)?.restartCount ?? 0;
    const words = [this.world.seed, uidOf(this.pod), container.name, restarts] as const;
    const runtime = minorVersion(this.world) < FIRST_CONTAINERD ? 'docker' : 'containerd';
    const image = fullImageName(container.image ?? '');
    this.show(container, {
      state: { running: { startedAt: timeOf(this.now) } },
      started: container.startupProbe === undefined,
      containerID: flat(`${runtime}://${text(HEX, 64, ...words)}`),
      image,
      imageID: flat(
        `${image.replace(/[:@][^/]*$/, '')}@sha256:${text(HEX, 64, this.world.seed, image)}`,
      ),
    });
  }

  /** An event about the pod, or about one of its containers. */
  tell(
    reason: string,
    message: string,
    of: {
      readonly container?: Container;
      readonly isInit?: boolean;
      readonly isWarning?: boolean;
    } = {},
  ): void {
    const list = of.isInit === true ? 'initContainers' : 'containers';
    const path = of.container === undefined ? undefined : `spec.${list}{${of.container.name}}`;
    recordEvent(this.world, {
      about: referenceTo(this.pod, path),
      source: { component: 'kubelet', host: this.node },
      type: of.isWarning === true ? 'Warning' : 'Normal',
      reason,
      message,
    });
  }

  /** Whether the node has the image already. */
  hasImage(image: string): boolean {
    return this.#images().includes(fullImageName(image));
  }

  keepImage(image: string): void {
    const entry = this.world.store.get(NODES, '', this.node);
    if (entry === undefined || this.hasImage(image)) return;
    const images = [...this.#images(), fullImageName(image)];
    this.world.store.remember(entry, { ...entry.simulation, images });
  }

  #images(): string[] {
    const kept = this.world.store.get(NODES, '', this.node)?.simulation?.['images'];
    return Array.isArray(kept) ? (kept as string[]) : [];
  }
}

/** The uid of a pod and its names, as the kubelet's texts have them. */
export const podWords = (pod: Pod): string =>
  `${pod.metadata?.name ?? ''}_${pod.metadata?.namespace ?? ''}(${uidOf(pod)})`;
