/**
 * The service's own documents: `/openapi.json` of all routes, one of each api-version, and the pages at `/docs` to read
 * them and to try them out. Called by `doors.ts`.
 */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { mountVersionDocuments } from '#arm/http.ts';
import { DATA_BOX_EDGE_VERSIONS } from '#arm/versions.ts';
import { definitions } from '#resources/index.ts';
import { programVersion } from './config.ts';
import { mountFirstPage } from './first-page.ts';

const DESCRIPTION = `Microsoft.DataBoxEdge with a simulated appliance behind it. Any GUID is a subscription; begin with a
resource group and a device in it. The clock, the technician and the bill are under **Edgetwin**.`;

/** What the pages begin with; all other tags follow in the order of their routes. */
const FIRST_TAGS = [
  'Microsoft.DataBoxEdge/dataBoxEdgeDevices',
  'Edgetwin',
  'Microsoft.Resources',
  'Microsoft.Kubernetes/connectedClusters',
];

/** In place of the library's own mark. */
const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" width="130" height="40" viewBox="0 0 130 40">
  <rect x="2" y="8" width="20" height="11" rx="2" fill="none" stroke="#fff" stroke-width="2"/>
  <rect x="8" y="21" width="20" height="11" rx="2" fill="none" stroke="#61affe" stroke-width="2"/>
  <text x="38" y="27" fill="#fff" font-family="sans-serif" font-size="19">Edgetwin</text>
</svg>`;

/** Collects the routes of all doors for the document of them; must be called before any door is opened. */
export async function collectRoutes(server: FastifyInstance): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.0.3',
      info: { title: 'Edgetwin', description: DESCRIPTION, version: programVersion() },
      tags: FIRST_TAGS.map((name) => ({ name })),
    },
  });
}

/** Mounts the first page, the documents and their pages. */
export async function mountDocuments(door: FastifyInstance): Promise<void> {
  mountFirstPage(door);
  await door.register(swaggerUi, {
    routePrefix: '/docs',
    theme: { title: 'Edgetwin' },
    logo: { type: 'image/svg+xml', content: Buffer.from(LOGO), href: '/docs/' },
    uiConfig: {
      docExpansion: 'none',
      urls: [
        { name: 'all routes', url: '/openapi.json' },
        ...DATA_BOX_EDGE_VERSIONS.versions.map((version) => ({
          name: version,
          url: `/openapi/${version}.json`,
        })),
      ],
    },
  });
  mountVersionDocuments(door, definitions);
}
