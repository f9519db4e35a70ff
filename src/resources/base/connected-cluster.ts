/** What the Arc addon leaves in a connected cluster's stored body, for that type to show. */

/** The member that holds the public key which the agents were registered with. */
export const AGENT_KEY = 'agentPublicKey';
