/**
 * `GET /`: what this is, where things are and how to begin; a page for browsers, the same as text for everybody else. Opened by
 * `documents.ts`.
 */
import type { FastifyInstance } from 'fastify';
import { originOf } from '#arm/door.ts';
import { programVersion } from './config.ts';

/** One line: a place below the service, and what is there. */
type Line = readonly [path: string, what: string];

const PLACES: readonly Line[] = [
  ['/docs/', 'every route, to read and to try out'],
  [
    '/openapi.json',
    'the same as an OpenAPI document; /openapi/2023-12-01.json and so on: one for each api-version',
  ],
  [
    '/_edgetwin/clock',
    'the simulated clock, and below /_edgetwin all else that only a simulator has',
  ],
  ['/_edgetwin/ca.pem', 'the certificate to trust for HTTPS, which is on the same port'],
  ['/health/ready', 'whether it works'],
];

const FIRST_CALLS = (origin: string): readonly string[] => [
  `group=${origin}/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/demo`,
  `curl -X PUT "$group?api-version=2021-04-01" -H 'content-type: application/json' -d '{"location":"eastus"}'`,
  `curl -X PUT "$group/providers/Microsoft.DataBoxEdge/dataBoxEdgeDevices/edge1?api-version=2023-12-01" \\`,
  `  -H 'content-type: application/json' -d '{"location":"eastus","sku":{"name":"EdgeP_Base"}}'`,
];

const TITLE = 'Edgetwin';
const WHAT =
  'A Microsoft.DataBoxEdge resource provider with a simulated Azure Stack Edge appliance behind it. ' +
  'Clients drive it as they drive Azure Resource Manager.';

function textOf(origin: string): string {
  const places = PLACES.map(([path, what]) => `  ${origin}${path}\n      ${what}`);
  const calls = FIRST_CALLS(origin).map((line) => `  ${line}`);
  return [
    `${TITLE} ${programVersion()}`,
    WHAT,
    '',
    'Where things are:',
    ...places,
    '',
    'To begin, make a resource group and a device in it:',
    ...calls,
    '',
    'README.md has the rest; "npm run tour" plays the whole story.',
    '',
  ].join('\n');
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

function pageOf(origin: string): string {
  const places = PLACES.map(
    ([path, what]) => `<li><a href="${path}">${path}</a>: ${escaped(what)}</li>`,
  );
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${TITLE}</title>
<meta name="viewport" content="width=device-width">
<style>body{font-family:sans-serif;max-width:50em;margin:2em auto;padding:0 1em;line-height:1.5}pre{overflow:auto;background:#f3f3f3;padding:1em}</style>
</head>
<body>
<h1>${TITLE} ${escaped(programVersion())}</h1>
<p>${escaped(WHAT)}</p>
<h2>Where things are</h2>
<ul>
${places.join('\n')}
</ul>
<h2>How to begin</h2>
<p>Make a resource group and a device in it:</p>
<pre>${escaped(FIRST_CALLS(origin).join('\n'))}</pre>
<p>The README has the rest; <code>npm run tour</code> plays the whole story.</p>
</body>
</html>
`;
}

export function mountFirstPage(door: FastifyInstance): void {
  door.get('/', { schema: { hide: true } }, async (request, reply) => {
    const origin = originOf(request);
    const isBrowser = request.headers.accept?.includes('text/html') === true;
    return reply
      .header('cache-control', 'no-store')
      .header('vary', 'Accept')
      .type(isBrowser ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8')
      .send(isBrowser ? pageOf(origin) : textOf(origin));
  });
}
