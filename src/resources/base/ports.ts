/**
 * What the resource types need of the world, bound in `app.ts`: the machines, the vault, and a look at other resources
 * by id. Types name each other by ARM type string only.
 */
import type { ResourceRow, RowOf, Transaction } from '#arm/resource-type.ts';
import type { Fleet } from '#fleet/fleet.ts';
import type { OperationRow } from '#operations/operation.ts';
import type { Vault } from '#vault/vault.ts';

export interface Ports {
  readonly fleet: Fleet;
  readonly vault: Vault;
  /** The world's seed. */
  readonly seed: string;
  /** `auto`: a simulated technician activates a machine after uploadCertificate; `manual`: control does. */
  readonly activation: 'auto' | 'manual';
  /** Regions in which devices can be created, as shown. */
  readonly deviceLocations: readonly string[];
  /** Whether orders are placed over ARM; else the Azure Edge Hardware Center takes them, which control stands for. */
  readonly takesOrders: boolean;
  /** Devices are made of every SKU, also of those that the catalogue calls unavailable. */
  readonly hasEverySku: boolean;
  /** A resource by its key (the id in lower case); hidden ones too. */
  findResource(key: string): Promise<ResourceRow | undefined>;
  /** As `findResource`, of several, by key. */
  findResources(keys: readonly string[]): Promise<ReadonlyMap<string, ResourceRow>>;
  /** As `findResource`, as a transaction sees it. */
  findResourceIn(transaction: Transaction, key: string): Promise<ResourceRow | undefined>;
  /** Resources of `type` that `origin` made. */
  resourcesMadeBy(origin: string, type: string): Promise<readonly ResourceRow[]>;
  /** Children of `parent` of one type, whose stored bodies the caller knows. */
  childrenOf<Body = unknown>(parent: string, type: string): Promise<readonly RowOf<Body>[]>;
  hasResourceGroup(subscriptionId: string, name: string): Promise<boolean>;
  findOperation(id: string): Promise<OperationRow | undefined>;
}
