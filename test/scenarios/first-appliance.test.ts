/** The story of the product, by hand over HTTP: from a PUT to a billed, Arc-connected cluster, and back to nothing. */
import { test } from 'node:test';
import { startService } from '../support/service.ts';
import { tell } from './story.ts';

test('from a PUT to a billed, Arc-connected cluster, and back', async (t) => {
  await tell(await startService(t));
});
