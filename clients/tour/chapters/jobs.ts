/** Jobs of a device, as `jobs/{name}` shows them while they go on. */
import type { JsonObject } from '#shared/json.ts';
import { textOf } from '../arm-client.ts';
import type { Guide, Pace } from '../guide.ts';

/** Begins an action of a device that is a job, and follows it to its end. */
export async function runJob(guide: Guide, action: string, pace?: Pace): Promise<void> {
  const operation = await guide.begin('POST', action);
  const job = action.replace(/[^/]+$/, `jobs/${operation.id}`);
  await guide.follow(
    operation,
    async () => {
      const { body } = await guide.client.call('GET', job);
      const stage = (body.properties as JsonObject | undefined)?.currentStage;
      return { label: textOf(stage ?? 'Initial'), percent: Number(body.percentComplete ?? 0) };
    },
    pace,
  );
}
