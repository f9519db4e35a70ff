/**
 * What only a simulator has: control of the clock, activation by key, the return of a machine, faults, support requests, billing,
 * the journal, explanations, and the reset of the world. No HTTP types: `http.ts` mounts it.
 */
import { assessSupportRequest } from '#billing/offers.ts';
import type { Command } from '#fleet/fleet.ts';
import { fact } from '#shared/facts.ts';
import { formatInstant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';
import { guid } from '#shared/random.ts';
import { appendFacts, countFacts } from '#store/journal.ts';
import { addSubscription } from '#store/subscriptions.ts';
import { readActivationKey } from '#vault/activation-key.ts';
import { billingOf, offersPage } from './billing.ts';
import { Campaigns } from './campaigns.ts';
import { clusterNetwork, setClusterNetwork } from './cluster-network.ts';
import { explained } from './explain.ts';
import { Faults } from './faults.ts';
import { journalPage } from './journal.ts';
import { type ControlledDevice, type ControlParts, deviceOf, refused } from './parts.ts';
import {
  readBody,
  readClockChange,
  readDuration,
  invalidRequest,
  notFound,
  requiredParameter,
  requiredString,
} from './requests.ts';

/** What may become of an order that nobody asks for over ARM. */
const ORDER_CHANGES = ['Declined', 'LostDevice', 'ReplacementRequested'] as const;

export class Control {
  readonly #parts: ControlParts;
  readonly faults: Faults;
  readonly campaigns: Campaigns;

  constructor(parts: ControlParts) {
    this.#parts = parts;
    this.faults = new Faults(parts);
    this.campaigns = new Campaigns(parts);
  }

  clock(): JsonObject {
    const { clock } = this.#parts;
    return { now: formatInstant(clock.now()), rate: clock.rate, frozen: clock.isFrozen };
  }

  async setClock(body: unknown): Promise<JsonObject> {
    const { clock, pump } = this.#parts;
    const { now, ...change } = readClockChange(
      readBody(body, ['rate', 'frozen', 'now']),
      clock.now(),
    );
    await clock.set(change);
    // Everything that falls due before that moment is done on the way, as in any advance.
    if (now !== undefined) await pump.advanceTo(now);
    return this.clock();
  }

  async advance(body: unknown): Promise<JsonObject> {
    const { clock, pump } = this.#parts;
    await pump.advance(readDuration(readBody(body, ['duration']), clock.now()));
    return this.clock();
  }

  async reset(): Promise<JsonObject> {
    await this.#parts.reset();
    return this.clock();
  }

  /** Creates a subscription, for services in which only listed ones exist. */
  async addSubscription(id: string): Promise<JsonObject> {
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) {
      throw invalidRequest([{ target: 'id', message: `'${id}' is not a GUID.` }]);
    }
    const { database, clock } = this.#parts;
    await database.write(async (writer) => addSubscription(writer, id, clock.now()));
    return { subscriptionId: id.toLowerCase(), state: 'Enabled' };
  }

  /** Activates the machine that an activation key names, and takes the key's channel integrity key as its own. */
  async activate(body: unknown, correlationId: string): Promise<JsonObject> {
    const text = requiredString(readBody(body, ['activationKey']), 'activationKey');
    const parts = readActivationKey(text);
    if ('fault' in parts) {
      throw invalidRequest([{ target: 'activationKey', message: parts.fault }]);
    }
    const id =
      `/subscriptions/${parts.subscriptionId}/resourceGroups/${parts.resourceGroup}` +
      `/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices/${parts.resourceName}`;
    const device = await this.#device(id);
    const command = { kind: 'activate' } as const;
    const { fleet, vault } = this.#parts;
    const fault = await vault.faultOfActivationKey(device.machine.id, parts);
    if (fault !== undefined) throw invalidRequest([{ target: 'activationKey', message: fault }]);
    const refusal = await fleet.refusalOf(device.machine, command);
    if (refusal !== undefined) throw refused(refusal);
    await vault.adoptChannelIntegrityKey(device.machine.id, parts.serviceDataIntegrityKey);
    await this.#command(device, `control/activate/${correlationId}`, command);
    return { resource: device.resourceId, status: 'Activating' };
  }

  async channelIntegrityKey(query: unknown): Promise<JsonObject> {
    const device = await this.#device(requiredParameter(query, 'resource'));
    const key = await this.#parts.vault.channelIntegrityKey(device.machine.id);
    if (key === undefined)
      throw notFound('The channel integrity key of a device that was never activated');
    return { resource: device.resourceId, channelIntegrityKey: key };
  }

  /** The subnets of pods and services (Get-HcsKubeClusterNetworkInfo). */
  async clusterNetwork(query: unknown): Promise<JsonObject> {
    return await clusterNetwork(this.#parts, query);
  }

  /** Sets them, before compute is configured (Set-HcsKubeClusterNetworkInfo). */
  async setClusterNetwork(body: unknown, correlationId: string): Promise<JsonObject> {
    return await setClusterNetwork(this.#parts, body, correlationId);
  }

  /** The customer orders the machine at the Azure Edge Hardware Center, where orders are not placed over ARM. */
  async placeOrder(given: unknown, correlationId: string): Promise<JsonObject> {
    const body = readBody(given, ['resource', 'properties']);
    const device = await this.#device(requiredString(body, 'resource'));
    await this.#parts.placeOrder(device, { properties: body.properties ?? {}, correlationId });
    return { resource: `${device.resourceId}/orders/default`, status: 'Accepted' };
  }

  /** The customer starts the return of the machine: device billing ends, and the resource can be deleted. */
  async returnMachine(body: unknown, correlationId: string): Promise<JsonObject> {
    const device = await this.#device(requiredString(readBody(body, ['resource']), 'resource'));
    await this.#command(device, `control/return/${correlationId}`, { kind: 'returnMachine' });
    return { resource: device.resourceId, status: 'ReturnInitiated' };
  }

  /** What becomes of an order otherwise: `{resource, state}`. */
  async changeOrder(given: unknown, correlationId: string): Promise<JsonObject> {
    const body = readBody(given, ['resource', 'state']);
    const device = await this.#device(requiredString(body, 'resource'));
    const to = ORDER_CHANGES.find((state) => state === body.state);
    if (to === undefined) {
      const message = `'state' must be one of ${ORDER_CHANGES.join(', ')}.`;
      throw invalidRequest([{ target: 'state', message }]);
    }
    await this.#command(device, `control/order/${correlationId}`, { kind: 'changeOrder', to });
    return { resource: device.resourceId, status: to };
  }

  /** A support request with the fields of the portal's form; the documented values turn the Arc offer on. */
  async supportRequest(body: unknown): Promise<JsonObject> {
    const assessment = assessSupportRequest(body);
    if ('faults' in assessment) throw invalidRequest(assessment.faults);
    const device = await this.#device(assessment.resource);
    const { database, clock, seed } = this.#parts;
    const now = clock.now();
    const id = await database.write(async (writer) => {
      const { resourceKey } = device.machine.owner;
      const earlier = await countFacts(writer, resourceKey, 'support.requested');
      const id = guid(seed, 'support-request', resourceKey, earlier);
      await appendFacts(writer, { ...device.machine.owner, cause: `supportRequest/${id}` }, [
        fact(now, 'support.requested', { request: id, status: assessment.status }),
        ...(assessment.granted
          ? [fact(now, 'billing.offerGranted', { offer: 'previewNoCharge' })]
          : []),
      ]);
      return id;
    });
    return {
      id,
      status: assessment.status,
      answer: assessment.answer,
      resource: device.resourceId,
      createdAt: formatInstant(now),
    };
  }

  /** `usage` or `invoices` of a subscription, computed from the journal up to now. */
  async billing(what: 'usage' | 'invoices', query: unknown): Promise<JsonObject> {
    const subscriptionId = requiredParameter(query, 'subscription').toLowerCase();
    return await billingOf(this.#parts, subscriptionId, what);
  }

  /** The billing flags of the devices of a subscription, in pages. */
  async offers(query: unknown, url: string): Promise<JsonObject> {
    const subscriptionId = requiredParameter(query, 'subscription').toLowerCase();
    return await offersPage(this.#parts, { subscriptionId, query, url });
  }

  /** What happened, and why: the journal of a resource or a subscription, in pages. */
  async journal(query: unknown, url: string): Promise<JsonObject> {
    return await journalPage(this.#parts.database.reader, query, url);
  }

  /** Why a field of a resource has the value that it has: the facts that led to it. */
  async explain(query: unknown): Promise<JsonObject> {
    return await explained(this.#parts, query);
  }

  async #device(resourceId: string): Promise<ControlledDevice> {
    return await deviceOf(this.#parts, resourceId);
  }

  async #command(device: ControlledDevice, id: string, command: Command): Promise<void> {
    const outcome = await this.#parts.fleet.command(device.machine, id, command);
    if ('refused' in outcome) throw refused(outcome.refused);
  }
}
