/**
 * The types of what is set over the local web interface, with the members of its documents. Plain JSON, part of the stored state.
 * Sources: [psm], [doc] (local-api).
 */
import type { Instant } from '#shared/instant.ts';
import type { JsonObject } from '#shared/json.ts';

/** A range of addresses, `10.1.2.3-10.1.2.9`, for what its name says. */
export interface AddressPool {
  readonly name: string;
  readonly ipAddressRange: string;
}

export interface VirtualSwitch {
  readonly name: string;
  readonly interfaceName: string;
  readonly enabledForCompute: boolean;
  readonly enabledForStorage: boolean;
  readonly enabledForMgmt: boolean;
  readonly supportsAcceleratedNetworking: boolean;
  readonly enableEmbeddedTeaming: boolean;
  readonly ipAddressPools: readonly AddressPool[];
  readonly mtu: number;
}

/** The address under which a service of a device with two nodes is found, whichever node it runs on (mclus). */
export interface VirtualIp {
  /** Null where DHCP gives it. */
  readonly address: string | null;
  /** Of the network in which it is. */
  readonly network: string;
  readonly isDhcpEnabled: boolean;
}

/** A port of one node, as it was set. */
export interface PortSettings {
  readonly name: string;
  /** The serial number of the node. */
  readonly nodeName: string;
  readonly isDhcpEnabled: boolean;
  /** Null where DHCP gives the address. */
  readonly iPv4: {
    readonly address: string;
    readonly subnetMask: string;
    readonly gateway: string | null;
  } | null;
  readonly dnsServerAddresses: readonly string[];
  readonly dnsSuffix: string | null;
}

/** A certificate that was brought to the device. Only writes carry it; its end shows in the diagnostics. */
export interface BroughtCertificate {
  readonly type: string;
  readonly thumbprint: string;
  readonly expiresAt: Instant;
}

/**
 * The witness of a device with two nodes, whose vote decides when one of them is lost (wit): a storage account in Azure, a file share in the
 * local network, or none.
 */
export type Witness =
  | { readonly type: 'None' }
  | {
      readonly type: 'Cloud';
      readonly storageAccountName: string;
      readonly containerName: string;
      readonly storageEndpoint: string;
    }
  | {
      readonly type: 'FileShare';
      /** `//server/share`. */
      readonly location: string;
      readonly username: string;
    };

/** One declaration of a configuration, by its name in the package. Plain JSON with the members of the documents. */
export interface LocalConfig {
  readonly deviceEndpoint?: { readonly name: string; readonly dnsDomain: string };
  readonly time?: {
    readonly timeZone: string;
    readonly primaryTimeServer: string;
    readonly secondaryTimeServer: string | null;
  };
  readonly update?: { readonly serverType: string; readonly wsusServerURI: string | null };
  readonly webProxy?: {
    readonly isEnabled: boolean;
    readonly connectionURI: string | null;
    readonly authentication: string;
    readonly username: string | null;
  };
  /** The ports that were set; the others are as the factory made them. */
  readonly interfaces?: readonly PortSettings[];
  /** One of each type. */
  readonly certificates?: readonly BroughtCertificate[];
  readonly vSwitches?: readonly VirtualSwitch[];
  readonly virtualNetworks?: readonly JsonObject[];
  /** Of a device with two nodes. */
  readonly acsVip?: VirtualIp;
  readonly nfsVip?: VirtualIp;
  readonly witness?: Witness;
}

/** The addresses of a cluster on this machine: those of its VMs, the master's first, and the ranges of its services. */
export interface ClusterAddresses {
  readonly port: string;
  readonly nodeIps: readonly string[];
  readonly serviceIpRange: string;
}

/** A configuration in which everything is set that every device has. */
export type FullConfig = LocalConfig & Required<Omit<LocalConfig, 'acsVip' | 'nfsVip' | 'witness'>>;
